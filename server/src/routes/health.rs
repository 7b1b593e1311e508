//! `GET /healthz`: for whoever watches the server.

use crate::auth::Denial;
use crate::office::Office;

/// `ok`, if the log can be read.
pub(crate) async fn check(office: &Office) -> Result<Vec<u8>, Denial> {
    office.log.check().await?;
    Ok(b"ok".to_vec())
}
