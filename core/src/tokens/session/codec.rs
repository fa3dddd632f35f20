//! The bytes of a session's record, format 1.

use crate::error::{Error, Result, RevokedReason};
use crate::store::codec::{Reader, Writer};
use crate::time::Timestamp;
use crate::tokens::refresh::token::Prefix;
use crate::tokens::session::{Live, Login, Previous, Session, Status, Use};
use crate::tokens::types::Device;

const FORMAT: u8 = 1;
const KIND: &str = "session";

impl Session {
    /// The record's value.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new(FORMAT);
        let login = &self.login;
        out.array(&login.family_id);
        out.u8(login.prefix.number());
        for text in [&login.tenant, &login.subject, &login.client_id, &login.scope, &login.claims] {
            out.text(text);
        }
        out.texts(&login.roles);
        out.texts(&login.amr);
        out.option(login.device.as_ref(), |out, device| {
            for text in [&device.id, &device.kind, &device.name, &device.platform, &device.app_version] {
                out.text(text);
            }
        });
        out.i64(login.created_at.as_micros());
        out.i64(login.abs_expires_at.as_micros());
        out.i64(login.idle);
        login.token_version.iter().for_each(|version| out.u64(*version));
        out.option(login.cnf_jkt.as_ref(), Writer::array);
        out.option(login.auth_time, |out, at| out.i64(at.as_micros()));

        out.u8(self.kid);
        out.u32(self.generation);
        out.option(self.live.as_ref(), |out, live| {
            out.array(&live.hash);
            out.option(live.previous.as_ref(), |out, previous| {
                out.array(&previous.hash);
                out.u8(previous.kid);
                out.array(&previous.nonce);
                out.option(previous.retry_key_hash.as_ref(), Writer::array);
            });
        });
        out.i64(self.rotated_at.as_micros());
        out.u32(self.confirmed_generation);
        out.i64(self.confirmed_at.as_micros());
        out.u8(status_number(self.status));
        out.i64(self.status_at.as_micros());
        out.option(self.status_reason.as_ref(), |out, text| out.text(text));
        out.option(self.ip_first.as_ref(), |out, text| out.text(text));
        for used in &self.uses {
            out.i64(used.at.as_micros());
            out.option(used.ip.as_ref(), |out, text| out.text(text));
            out.option(used.user_agent.as_ref(), |out, text| out.text(text));
        }
        out.finish()
    }

    /// Reads a record's value.
    ///
    /// # Errors
    /// `record_unreadable`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut from = Reader::new(KIND, FORMAT, bytes)?;
        let family_id = from.array()?;
        let prefix = Prefix::from_number(from.u8()?).ok_or(Error::RecordUnreadable { kind: KIND, why: "unknown prefix" })?;
        let [tenant, subject, client_id, scope, claims] = [from.text()?, from.text()?, from.text()?, from.text()?, from.text()?];
        let login = Login {
            family_id,
            prefix,
            tenant,
            subject,
            client_id,
            scope,
            claims,
            roles: from.texts()?,
            amr: from.texts()?,
            device: from.option(|from| {
                Ok(Device { id: from.text()?, kind: from.text()?, name: from.text()?, platform: from.text()?, app_version: from.text()? })
            })?,
            created_at: Timestamp::from_micros(from.i64()?),
            abs_expires_at: Timestamp::from_micros(from.i64()?),
            idle: from.i64()?,
            token_version: [from.u64()?, from.u64()?, from.u64()?],
            cnf_jkt: from.option(Reader::array)?,
            auth_time: from.option(Reader::i64)?.map(Timestamp::from_micros),
        };
        let session = Self {
            login,
            kid: from.u8()?,
            generation: from.u32()?,
            live: from.option(|from| {
                Ok(Live {
                    hash: from.array()?,
                    previous: from.option(|from| {
                        Ok(Previous { hash: from.array()?, kid: from.u8()?, nonce: from.array()?, retry_key_hash: from.option(Reader::array)? })
                    })?,
                })
            })?,
            rotated_at: Timestamp::from_micros(from.i64()?),
            confirmed_generation: from.u32()?,
            confirmed_at: Timestamp::from_micros(from.i64()?),
            status: status_from(from.u8()?)?,
            status_at: Timestamp::from_micros(from.i64()?),
            status_reason: from.option(Reader::text)?,
            ip_first: from.option(Reader::text)?,
            uses: [read_use(&mut from)?, read_use(&mut from)?],
        };
        from.finish()?;
        Ok(session)
    }
}

fn read_use(from: &mut Reader<'_>) -> Result<Use> {
    Ok(Use { at: Timestamp::from_micros(from.i64()?), ip: from.option(Reader::text)?, user_agent: from.option(Reader::text)? })
}

const fn status_number(status: Status) -> u8 {
    match status {
        Status::Active => 0,
        Status::Ended(RevokedReason::LoggedOut) => 1,
        Status::Ended(RevokedReason::Reuse) => 2,
        Status::Ended(RevokedReason::Admin) => 3,
        Status::Ended(RevokedReason::Epoch) => 4,
    }
}

const fn status_from(number: u8) -> Result<Status> {
    Ok(match number {
        0 => Status::Active,
        1 => Status::Ended(RevokedReason::LoggedOut),
        2 => Status::Ended(RevokedReason::Reuse),
        3 => Status::Ended(RevokedReason::Admin),
        4 => Status::Ended(RevokedReason::Epoch),
        _ => return Err(Error::RecordUnreadable { kind: KIND, why: "unknown status" }),
    })
}
