//! STUB
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::talk::Talk;

pub(super) async fn search<S: Sequencer>(talk: &mut Talk<'_, S>, _query: &str) -> Result<(), End> {
    talk.session.tell("stub\n");
    Ok(())
}
