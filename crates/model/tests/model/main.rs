//! The rules of the model and its durable forms, tried from outside.

mod decide;
mod golden;
mod log;
