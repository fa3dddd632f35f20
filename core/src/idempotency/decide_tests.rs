//! The rule against a table of its page, and against what must hold whatever happens.

use proptest::prelude::*;

use super::*;

const FP: [u8; 32] = [1; 32];
const OTHER_FP: [u8; 32] = [2; 32];
const MINE: OwnerToken = [3; 16];
const THEIRS: OwnerToken = [4; 16];
const SECOND: i64 = 1_000_000;
const NOW: i64 = 1_795_248_000 * SECOND;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_micros(NOW + secs * SECOND)
}

fn settings(effects: Effects, on_5xx: On5xx, on_crash: OnCrash) -> Settings {
    Settings { effects, on_5xx, on_crash, retention: Duration::from_secs(3600), ..Settings::default() }
}

fn implicit() -> Settings {
    settings(Effects::Implicit, On5xx::Release, OnCrash::Rerun)
}

fn all_settings() -> Vec<Settings> {
    let mut all = Vec::new();
    for effects in [Effects::Implicit, Effects::Explicit, Effects::Transactional] {
        for on_5xx in [On5xx::Release, On5xx::Store] {
            for on_crash in [OnCrash::Rerun, OnCrash::Hold] {
                all.push(settings(effects, on_5xx, on_crash));
            }
        }
    }
    all
}

fn fresh(token: OwnerToken, settings: &Settings) -> Entry {
    match begin(None, FP, token, settings, at(0)).unwrap() {
        Begun::Execute(entry) => entry,
        other => panic!("{other:?}"),
    }
}

fn after(entry: &Entry, what: Act, settings: &Settings, secs: i64) -> Entry {
    act(Some(entry), entry.token, &what, settings, at(secs)).unwrap().expect("it changes something")
}

fn outcome(found: Option<&Entry>, fingerprint: [u8; 32], settings: &Settings, secs: i64) -> &'static str {
    match begin(found, fingerprint, THEIRS, settings, at(secs)) {
        Ok(Begun::Execute(_)) => "execute",
        Ok(Begun::Resume(_)) => "resume",
        Ok(Begun::Replay(_)) => "replay",
        Err(error) => error.code(),
    }
}

fn stored(status: u16) -> Stored {
    Stored::of(&Response::new(status, "body"), 1024, &[]).unwrap()
}

fn code(result: Result<Option<Entry>>) -> &'static str {
    match result {
        Ok(Some(_)) => "changed",
        Ok(None) => "unchanged",
        Err(error) => error.code(),
    }
}

#[test]
fn begin_is_the_table_of_the_page() {
    for settings in all_settings() {
        let flight = fresh(MINE, &settings);
        let marked = after(&flight, Act::MarkEffects, &settings, 1);
        let covered = after(&marked, Act::Checkpoint(Checkpoint::default()), &settings, 2);
        let again = after(&covered, Act::MarkEffects, &settings, 3);
        let noted = after(&flight, Act::Checkpoint(Checkpoint::default()), &settings, 1);
        let done = after(&flight, Act::Complete(stored(201), None), &settings, 4);
        let omitted = after(&flight, Act::Complete(Stored::Omitted { status: 201, digest: [7; 32] }, None), &settings, 4);
        let given_back = after(&flight, Act::Release, &settings, 4);
        let reruns = settings.effects == Effects::Explicit || settings.on_crash == OnCrash::Rerun;
        let lapsed = if reruns { "resume" } else { "outcome_unknown" };
        // In flight, the record ends at 30 s + 1 h; completed or released at 4 s, at 1 h 4 s.
        for (entry, live, over) in [
            (&flight, "in_progress", lapsed),
            (&noted, "in_progress", lapsed),
            (&marked, "in_progress", "outcome_unknown"),
            (&again, "in_progress", "outcome_unknown"),
            (&covered, "in_progress", lapsed),
            (&done, "replay", "replay"),
            (&omitted, "response_unavailable", "response_unavailable"),
        ] {
            for (secs, expected) in [(5, live), (29, live), (30, over), (3603, over)] {
                assert_eq!(outcome(Some(entry), FP, &settings, secs), expected, "{settings:?} {entry:?} {secs}");
                assert_eq!(outcome(Some(entry), OTHER_FP, &settings, secs), "idempotency_key_reused");
            }
            assert_eq!(outcome(Some(entry), OTHER_FP, &settings, 3630), "execute");
        }
        assert_eq!(outcome(Some(&done), FP, &settings, 3604), "execute");
        assert_eq!(outcome(Some(&given_back), OTHER_FP, &settings, 5), "execute");
        assert_eq!(outcome(None, FP, &settings, 0), "execute");
    }
}

#[test]
fn a_waiting_client_is_told_whole_seconds_and_no_more_than_30() {
    let long = Settings { lease: Duration::from_secs(300), ..implicit() };
    let wait = |settings: &Settings, micros: i64| {
        let now = Timestamp::from_micros(NOW + micros);
        begin(Some(&fresh(MINE, settings)), FP, THEIRS, settings, now).unwrap_err().retry_after().unwrap()
    };
    assert_eq!(wait(&implicit(), 29 * SECOND + 999_999), Duration::from_secs(1));
    assert_eq!(wait(&implicit(), 28 * SECOND), Duration::from_secs(2));
    assert_eq!(wait(&implicit(), 27 * SECOND + 1), Duration::from_secs(3));
    assert_eq!(wait(&long, 0), Duration::from_secs(30));
}

#[test]
fn a_takeover_has_a_new_owner_and_fence_and_the_newest_checkpoint() {
    let settings = settings(Effects::Explicit, On5xx::Release, OnCrash::Rerun);
    let first = fresh(MINE, &settings);
    let note = |name: &str| Act::Checkpoint(Checkpoint { name: name.to_owned(), data: vec![9] });
    let marked = after(&first, Act::MarkEffects, &settings, 1);
    let noted = after(&after(&marked, note("a"), &settings, 2), note("b"), &settings, 3);
    let Begun::Resume(second) = begin(Some(&noted), FP, THEIRS, &settings, at(30)).unwrap() else { panic!("it resumes") };
    assert_eq!((second.token, second.until), (THEIRS, at(3660)));
    assert!(second.fence > first.fence);
    let State::InFlight(flight) = &second.state else { panic!("it is in flight") };
    assert_eq!((flight.attempt, flight.mark, flight.begun_at, flight.lease_until), (2, Mark::Covered, at(30), at(60)));
    assert_eq!(flight.checkpoint.as_ref().map(|checkpoint| checkpoint.name.as_str()), Some("b"));
    // The act stays done: a failure of the second attempt is an answer.
    let failed = after(&second, Act::Complete(stored(500), None), &settings, 40);
    assert_eq!(outcome(Some(&failed), FP, &settings, 50), "replay");
    // The first worker wakes up.
    for what in [Act::MarkEffects, Act::Renew, Act::Release, note("c"), Act::Complete(stored(201), None)] {
        assert_eq!(code(act(Some(&second), MINE, &what, &settings, at(41))), "stale");
        let Err(Error::Idempotency(IdempotencyError::Stale { response })) = act(Some(&failed), MINE, &what, &settings, at(41)) else {
            panic!("stale")
        };
        assert_eq!(response.map(|response| response.status), Some(500));
    }
}

#[test]
fn what_is_stored_is_a_matter_of_status_mark_and_route() {
    let is_stored = |status: u16, marked: bool, finish_as, settings: &Settings| {
        let mut entry = fresh(MINE, settings);
        if marked {
            entry = after(&entry, Act::MarkEffects, settings, 1);
        }
        matches!(after(&entry, Act::Complete(stored(status), finish_as), settings, 2).state, State::Completed { .. })
    };
    let refusals = [401, 403, 408, 413, 415, 421, 425, 429];
    for settings in all_settings() {
        let keeps = settings.effects != Effects::Explicit && settings.on_5xx == On5xx::Store;
        for status in 200..=599 {
            let expected = match status {
                500.. | 409 => keeps,
                _ => !refusals.contains(&status),
            };
            assert_eq!(is_stored(status, false, None, &settings), expected, "{status} {settings:?}");
            assert!(is_stored(status, true, None, &settings));
            assert!(is_stored(status, false, Some(FinishAs::Store), &settings));
            assert!(!is_stored(status, true, Some(FinishAs::Release), &settings));
        }
        assert_eq!(drop_releases(false, &settings), !keeps);
        assert!(!drop_releases(true, &settings));
    }
}

#[test]
fn the_same_call_again_is_done() {
    let settings = implicit();
    let entry = fresh(MINE, &settings);
    let done = after(&entry, Act::Complete(stored(201), None), &settings, 1);
    assert_eq!(code(act(Some(&done), MINE, &Act::Complete(stored(201), None), &settings, at(2))), "unchanged");
    assert_eq!(code(act(Some(&done), MINE, &Act::Complete(stored(202), None), &settings, at(2))), "stale");
    assert_eq!(code(act(Some(&done), THEIRS, &Act::Complete(stored(201), None), &settings, at(2))), "stale");
    assert_eq!(code(act(Some(&done), MINE, &Act::Renew, &settings, at(2))), "stale");
    assert_eq!(code(act(Some(&done), MINE, &Act::Complete(stored(201), None), &settings, at(3601))), "stale");
    let back = after(&entry, Act::Complete(stored(500), None), &settings, 1);
    assert_eq!((&back.state, back.fence), (&State::Released, entry.fence));
    assert_eq!(code(act(Some(&back), MINE, &Act::Complete(stored(500), None), &settings, at(2))), "unchanged");
    assert_eq!(code(act(Some(&back), MINE, &Act::Release, &settings, at(2))), "unchanged");
    assert_eq!(code(act(Some(&back), MINE, &Act::MarkEffects, &settings, at(2))), "stale");
    assert_eq!(code(act(None, MINE, &Act::Release, &settings, at(2))), "stale");
    let marked = after(&entry, Act::MarkEffects, &settings, 1);
    assert_eq!(code(act(Some(&marked), MINE, &Act::MarkEffects, &settings, at(2))), "unchanged");
    assert_eq!(code(act(Some(&marked), MINE, &Act::Release, &settings, at(2))), "invalid_argument");
}

#[test]
fn a_lease_is_renewed_for_15_minutes_of_its_attempt() {
    let settings = implicit();
    let mut entry = fresh(MINE, &settings);
    for secs in (10..=870).step_by(10) {
        entry = after(&entry, Act::Renew, &settings, secs);
        let State::InFlight(flight) = &entry.state else { panic!("it is in flight") };
        assert_eq!((flight.lease_until, entry.until), (at(secs + 30), at(secs + 30 + 3600)));
    }
    for secs in [880, 899, 901, 2000] {
        assert_eq!(code(act(Some(&entry), MINE, &Act::Renew, &settings, at(secs))), "unchanged");
    }
    assert_eq!(outcome(Some(&entry), FP, &settings, 899), "in_progress");
    assert_eq!(outcome(Some(&entry), FP, &settings, 900), "resume");
    // A clock that goes back takes nothing away.
    assert_eq!(code(act(Some(&entry), MINE, &Act::Renew, &settings, at(-1000))), "unchanged");
}

#[test]
fn fences_end_before_2_to_the_53() {
    let settings = implicit();
    let far = Timestamp::from_micros(1 << 53);
    assert_eq!(begin(None, FP, MINE, &settings, far).unwrap_err().code(), "internal");
    let early = Timestamp::from_micros(-5);
    let Begun::Execute(entry) = begin(None, FP, MINE, &settings, early).unwrap() else { panic!("it is fresh") };
    assert_eq!(entry.fence, 1);
    assert!(expires_at(&entry) >= entry.until);
    let endless = Settings { lease: Duration::MAX, retention: Duration::MAX, ..settings };
    assert_eq!(expires_at(&fresh(MINE, &endless)).as_micros() / HOUR_MICROS, i64::MAX / HOUR_MICROS);
}

#[derive(Debug, Clone)]
enum Step {
    Begin { worker: usize, other: bool },
    Do { worker: usize, what: Act },
    Pass(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let finish_as = prop_oneof![3 => Just(None), 1 => Just(Some(FinishAs::Store)), 1 => Just(Some(FinishAs::Release))];
    let status = prop_oneof![Just(201), Just(404), Just(409), Just(429), Just(500)];
    let what = prop_oneof![
        Just(Act::MarkEffects),
        Just(Act::Renew),
        Just(Act::Release),
        "[a-z]{0,2}".prop_map(|name| Act::Checkpoint(Checkpoint { name, data: vec![] })),
        (status, "[a-z]{0,3}", finish_as).prop_map(|(status, body, finish_as)| {
            let response = Response::new(status, body);
            Act::Complete(Stored::of(&response, 2, &[]).unwrap(), finish_as)
        }),
    ];
    let step = prop_oneof![
        3 => (0_usize..3, prop::bool::weighted(0.1)).prop_map(|(worker, other)| Step::Begin { worker, other }),
        4 => (0_usize..3, what).prop_map(|(worker, what)| Step::Do { worker, what }),
        2 => prop_oneof![1..20_i64, 29..32_i64, 3590..3700_i64, -40..0_i64].prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Three workers, one key, a clock that jumps.
    #[test]
    fn whatever_happens(steps in steps(), which in 0_usize..12) {
        let settings = all_settings().remove(which);
        let (mut entry, mut secs, mut draws): (Option<Entry>, i64, u8) = (None, 0, 0);
        let mut tokens = [[255_u8; 16]; 3];
        let mut fence = 0;
        for step in steps {
            let now = at(secs);
            let live = entry.clone().filter(|entry| now < entry.until);
            match step {
                Step::Pass(by) => secs += by,
                Step::Begin { worker, other } => {
                    draws += 1;
                    let token = [draws; 16];
                    let fingerprint = if other { OTHER_FP } else { FP };
                    match begin(entry.as_ref(), fingerprint, token, &settings, now) {
                        Ok(Begun::Execute(next) | Begun::Resume(next)) => {
                            prop_assert!(next.fence > fence && next.fence < FENCE_END);
                            fence = next.fence;
                            if let Some(Entry { state: State::InFlight(flight), .. }) = &live {
                                prop_assert!(flight.lease_until <= now && flight.mark != Mark::Uncovered);
                            }
                            prop_assert!(!matches!(&live, Some(Entry { state: State::Completed { .. }, .. })), "run again after its end");
                            tokens[worker] = token;
                            entry = Some(next);
                        }
                        Ok(Begun::Replay(response)) => {
                            let state = live.map(|entry| entry.state);
                            let expected = State::Completed { fingerprint, stored: Stored::Whole(response) };
                            prop_assert_eq!(state, Some(expected));
                        }
                        Err(error) => prop_assert!(live.is_some(), "{} of nothing", error.code()),
                    }
                }
                Step::Do { worker, what } => match act(entry.as_ref(), tokens[worker], &what, &settings, now) {
                    Ok(None) => {}
                    Ok(Some(next)) => {
                        let before = live.expect("only what is there can change");
                        prop_assert!(before.token == tokens[worker] && matches!(before.state, State::InFlight(_)), "a stranger's act");
                        prop_assert_eq!((next.fence, next.token), (before.fence, before.token));
                        prop_assert!(expires_at(&next) >= next.until);
                        entry = Some(next);
                    }
                    Err(error) => prop_assert!(["stale", "invalid_argument"].contains(&error.code())),
                },
            }
        }
    }
}
