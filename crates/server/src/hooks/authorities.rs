//! Who vouches for receivers inside one's own network, where nobody of Mozilla's list does.

use std::fmt;
use std::path::{Path, PathBuf};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, TrustAnchor};

/// Authorities whose certificates may be in one file.
const AUTHORITIES_MAX: usize = 1000;

/// Authorities that are trusted besides the public ones.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Authorities {
    file: Option<PathBuf>,
    pub(super) roots: Vec<TrustAnchor<'static>>,
}

impl Authorities {
    /// Reads their certificates from a file (PEM, RFC 7468).
    ///
    /// # Errors
    /// A sentence about what is wrong with the file.
    pub fn read(file: &Path) -> Result<Self, String> {
        let bad = |why: &dyn fmt::Display| format!("{}: {why}", file.display());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(file).map_err(|why| bad(&why))? {
            if roots.len() == AUTHORITIES_MAX {
                return Err(bad(&format_args!("there are more than {AUTHORITIES_MAX} certificates")));
            }
            roots.add(certificate.map_err(|why| bad(&why))?).map_err(|why| bad(&why))?;
        }
        match roots.is_empty() {
            true => Err(bad(&"there is no certificate in it")),
            false => Ok(Self { file: Some(file.to_owned()), roots: roots.roots }),
        }
    }

    /// The file they are from.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorities").field("file", &self.file).field("roots", &self.roots.len()).finish()
    }
}
