//! The line client and the connection that resumes.
