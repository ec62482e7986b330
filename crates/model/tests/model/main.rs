//! The rules of the model and its durable forms, tried from outside.

mod log;
mod decide;
mod golden;
