//! What a column of a table holds, told by its header: a name in one of several languages, and the unit.

use std::fmt::Write as _;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Field {
    /// Area of the house.
    Area,
    /// Which batch.
    Batch,
    /// Cost of feed.
    Cost,
    /// Killed because they were ill or weak.
    Culled,
    /// The date.
    Date,
    /// The day, from 0 at placement.
    Day,
    /// Found dead.
    Dead,
    /// Weight of the eggs.
    EggMass,
    /// Eggs.
    Eggs,
    /// Feed eaten, or delivered where `feed_left` is given.
    Feed,
    /// Feed left or returned.
    FeedLeft,
    /// Live weight of the animals sold.
    LiveWeightOut,
    /// Come from another batch.
    MovedIn,
    /// Moved to another batch alive.
    MovedOut,
    /// Placed.
    Placed,
    /// Sold.
    Sold,
    /// The species.
    Species,
    /// Water drunk.
    Water,
    /// The week of life, from 1.
    Week,
    /// Weights of single animals.
    Weights,
}

/// What a number measures, and how many of the smallest unit one is: `times / per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) times: u64,
    pub(super) per: u64,
}

/// A column, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) field: Field,
    pub(super) scale: Scale,
    /// Of a cost: what its unit is called.
    pub(super) currency: Option<&'static str>,
}

/// Why a header is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotColumn {
    /// No name of a field.
    Unknown,
    /// A field that is measured, without its unit; what it could mean.
    NoUnit { field: Field, readings: String },
    /// A unit that the field is not measured in.
    WrongUnit { field: Field, unit: String, readings: String },
}

impl Field {
    /// The name that rows and `--map` use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::Batch => "batch",
            Self::Cost => "cost",
            Self::Culled => "culled",
            Self::Date => "date",
            Self::Day => "day",
            Self::Dead => "dead",
            Self::EggMass => "egg_mass",
            Self::Eggs => "eggs",
            Self::Feed => "feed",
            Self::FeedLeft => "feed_left",
            Self::LiveWeightOut => "live_weight_out",
            Self::MovedIn => "moved_in",
            Self::MovedOut => "moved_out",
            Self::Placed => "placed",
            Self::Sold => "sold",
            Self::Species => "species",
            Self::Water => "water",
            Self::Week => "week",
            Self::Weights => "weights",
        }
    }

    /// The units it is measured in; none for names, times and counts.
    fn units(self) -> &'static [Unit] {
        match self {
            Self::Feed | Self::FeedLeft | Self::LiveWeightOut | Self::EggMass | Self::Weights => MASSES,
            Self::Water => VOLUMES,
            Self::Area => AREAS,
            Self::Cost => MONEY,
            _ => &[],
        }
    }
}

/// The names of a unit, and how many of the smallest one it is.
struct Unit(&'static [&'static str], Scale);

const fn unit(names: &'static [&'static str], times: u64, per: u64) -> Unit {
    Unit(names, Scale { times, per })
}

/// In g.
const MASSES: &[Unit] = &[
    unit(&["g", "gram", "grams", "gramm", "gramme", "grammes", "gramos", "gramas"], 1, 1),
    unit(&["kg", "kgs", "kilo", "kilos", "kilogram", "kilograms", "kilogramm", "kilogramme", "kilogramos"], 1000, 1),
    unit(&["t", "ton", "tons", "tonne", "tonnes", "tonnen", "toneladas"], 1_000_000, 1),
    unit(&["mg"], 1, 1000),
    unit(&["lb", "lbs", "pound", "pounds"], 45_359_237, 100_000),
    unit(&["oz"], 28_349_523_125, 1_000_000_000),
];
/// In ml.
const VOLUMES: &[Unit] = &[
    unit(&["ml"], 1, 1),
    unit(&["l", "litre", "litres", "liter", "liters", "litros"], 1000, 1),
    unit(&["m3", "m\u{b3}", "cbm"], 1_000_000, 1),
    unit(&["gal", "gallon", "gallons"], 3_785_411_784, 1_000_000),
];
/// In cm².
const AREAS: &[Unit] =
    &[unit(&["cm2", "cm\u{b2}"], 1, 1), unit(&["m2", "m\u{b2}", "qm", "sqm"], 10_000, 1), unit(&["ft2", "ft\u{b2}", "sqft"], 9_290_304, 10_000)];
/// In minor units.
const MONEY: &[Unit] = &[
    unit(MINOR_UNITS, 1, 1),
    unit(&["jpy", "krw", "vnd", "clp"], 1, 1),
    unit(
        &[
            "eur", "\u{20ac}", "usd", "$", "gbp", "\u{a3}", "chf", "brl", "thb", "inr", "mxn", "zar", "aud", "cad", "nzd", "pln", "czk", "dkk",
            "sek", "nok", "cny", "try",
        ],
        100,
        1,
    ),
];

/// Whether a currency of that name is divided into hundredths.
pub(super) fn has_minor_units(name: &str) -> bool {
    MONEY.iter().any(|Unit(names, scale)| scale.times != 1 && names.contains(&name)) || is_minor_unit(name)
}

/// Whether the name is that of hundredths, of whatever currency.
pub(super) fn is_minor_unit(name: &str) -> bool {
    MINOR_UNITS.contains(&name)
}

const MINOR_UNITS: &[&str] = &["minor", "cent", "cents", "ct", "pence", "satang"];

/// Names of fields, without accents and in small letters, in English, German, French, Spanish, Portuguese, Dutch and Italian.
const NAMES: &[(Field, &[&str])] = &[
    (
        Field::Batch,
        &[
            "batch",
            "batch id",
            "batch no",
            "batch number",
            "flock",
            "flock id",
            "house",
            "herde",
            "herden nr",
            "partie",
            "durchgang",
            "charge",
            "lot",
            "lote",
            "bande",
            "koppel",
            "lotto",
            "ciclo",
        ],
    ),
    (Field::Species, &["species", "animal", "tierart", "art", "espece", "especie", "diersoort", "specie"]),
    (Field::Date, &["date", "datum", "fecha", "data"]),
    (
        Field::Day,
        &[
            "day",
            "age",
            "age days",
            "day of life",
            "tag",
            "lebenstag",
            "alter",
            "alter tage",
            "jour",
            "age jours",
            "dia",
            "edad",
            "edad dias",
            "idade",
            "dag",
            "leeftijd",
            "giorno",
            "eta",
        ],
    ),
    (Field::Week, &["week", "age weeks", "woche", "lebenswoche", "semaine", "semana", "settimana"]),
    (
        Field::Placed,
        &[
            "placed",
            "chicks placed",
            "birds placed",
            "head placed",
            "started",
            "eingestallt",
            "einstallung",
            "besatz",
            "mis en place",
            "places",
            "ingresados",
            "alojados",
            "alojadas",
            "opgezet",
            "accasati",
        ],
    ),
    (
        Field::Dead,
        &[
            "dead",
            "deaths",
            "died",
            "mortality",
            "mort",
            "tot",
            "tote",
            "verendet",
            "verluste",
            "morts",
            "mortalite",
            "muertos",
            "muertas",
            "mortalidad",
            "mortos",
            "mortas",
            "mortalidade",
            "dood",
            "uitval",
            "morti",
        ],
    ),
    (
        Field::Culled,
        &[
            "culled",
            "culls",
            "cull",
            "selektiert",
            "gemerzt",
            "gekeult",
            "tries",
            "elimines",
            "descartes",
            "descartados",
            "eliminados",
            "geselecteerd",
            "scarti",
        ],
    ),
    (
        Field::MovedIn,
        &["moved in", "transferred in", "transfer in", "zugang", "zugaenge", "umgestallt zu", "entrees", "entradas", "ingresos", "aanvoer"],
    ),
    (
        Field::MovedOut,
        &["moved out", "transferred out", "transfer out", "abgang", "abgaenge", "umgestallt ab", "sorties", "salidas", "saidas", "afvoer"],
    ),
    (
        Field::Sold,
        &[
            "sold",
            "birds sold",
            "head sold",
            "slaughtered",
            "verkauft",
            "ausgestallt",
            "geschlachtet",
            "vendus",
            "vendidos",
            "vendidas",
            "verkocht",
            "venduti",
        ],
    ),
    (
        Field::LiveWeightOut,
        &[
            "live weight out",
            "live weight",
            "weight sold",
            "live weight sold",
            "lebendgewicht",
            "schlachtgewicht lebend",
            "poids vif",
            "peso vivo",
            "levend gewicht",
        ],
    ),
    (
        Field::Feed,
        &[
            "feed",
            "feed delivered",
            "feed eaten",
            "feed intake",
            "futter",
            "futterverbrauch",
            "aliment",
            "consommation aliment",
            "alimento",
            "pienso",
            "racao",
            "consumo",
            "voer",
            "mangime",
        ],
    ),
    (
        Field::FeedLeft,
        &[
            "feed left",
            "feed returned",
            "feed remaining",
            "restfutter",
            "futterrest",
            "aliment restant",
            "alimento restante",
            "pienso sobrante",
            "sobra racao",
            "voer over",
        ],
    ),
    (Field::Water, &["water", "wasser", "wasserverbrauch", "eau", "agua", "acqua"]),
    (
        Field::Weights,
        &["weights", "weight", "body weight", "sample weight", "gewicht", "gewichte", "tiergewicht", "poids", "peso", "pesos", "gewichten", "pesi"],
    ),
    (Field::Eggs, &["eggs", "egg count", "eier", "eierzahl", "oeufs", "huevos", "ovos", "eieren", "uova"]),
    (Field::EggMass, &["egg mass", "egg weight", "eimasse", "eiermasse", "masse oeufs", "masa huevos", "massa ovos", "eimassa"]),
    (Field::Area, &["area", "floor area", "flaeche", "stallflaeche", "surface", "superficie", "oppervlakte"]),
    (Field::Cost, &["cost", "feed cost", "kosten", "futterkosten", "cout", "costo", "coste", "custo", "voerkosten"]),
];

const UNITLESS: Scale = Scale { times: 1, per: 1 };

/// Reads a header: `feed_kg`, `Feed (kg)`, `Futter [kg]`, `FEED KG`, `Gewicht in g`.
pub(super) fn read(header: &str) -> Result<Column, NotColumn> {
    let words = words(header);
    // The longest name wins; what is left behind it is the unit.
    for length in (1..=words.len()).rev() {
        let (name, rest) = words.split_at_checked(length).unwrap_or((&words, &[]));
        let name = name.join(" ");
        let Some((field, _)) = NAMES.iter().find(|(_, names)| names.contains(&&*name)) else { continue };
        return with_unit(*field, rest);
    }
    Err(NotColumn::Unknown)
}

/// A field that the caller has named (`--map`), with the unit that the header or the mapping says.
pub(super) fn mapped(target: &str, header: &str) -> Result<Column, NotColumn> {
    match read(target) {
        Err(NotColumn::NoUnit { field, readings }) => {
            let words = words(header);
            let unit = words.last().map(std::slice::from_ref).unwrap_or_default();
            with_unit(field, unit).map_err(|_| NotColumn::NoUnit { field, readings })
        }
        column => column,
    }
}

fn with_unit(field: Field, rest: &[String]) -> Result<Column, NotColumn> {
    let rest: Vec<&str> = rest.iter().map(String::as_str).filter(|word| !matches!(*word, "in" | "en" | "per" | "head")).collect();
    let units = field.units();
    let readings = || readings(field, units);
    match (units, rest.as_slice()) {
        ([], []) => Ok(Column { field, scale: UNITLESS, currency: None }),
        // A name goes on behind the one that is known: it is another thing.
        ([], _) => Err(NotColumn::Unknown),
        (_, []) => Err(NotColumn::NoUnit { field, readings: readings() }),
        (units, [name]) => match units.iter().find_map(|Unit(names, scale)| Some((names.iter().find(|known| *known == name)?, scale))) {
            Some((name, scale)) => Ok(Column { field, scale: *scale, currency: (field == Field::Cost).then_some(*name) }),
            None => Err(NotColumn::WrongUnit { field, unit: (*name).to_owned(), readings: readings() }),
        },
        (_, more) => Err(NotColumn::WrongUnit { field, unit: more.join(" "), readings: readings() }),
    }
}

/// `feed_g`, `feed_kg`, …
fn readings(field: Field, units: &[Unit]) -> String {
    let mut readings = String::new();
    for Unit(names, _) in units {
        if let Some(name) = names.first() {
            let gap = if readings.is_empty() { "" } else { ", " };
            let _ = write!(readings, "{gap}{}_{name}", field.as_str());
        }
    }
    readings
}

/// The words of a header: small letters without accents; underscores, brackets and camelCase part them.
fn words(header: &str) -> Vec<String> {
    use unicode_normalization::UnicodeNormalization;
    let mut words = vec![String::new()];
    let mut before_is_small = false;
    for c in header.trim_start_matches('\u{feff}').chars() {
        let begins = c.is_uppercase() && before_is_small;
        before_is_small = c.is_lowercase();
        let is_part = c.is_alphanumeric() || matches!(c, '\u{20ac}' | '$' | '\u{a3}');
        if (begins || !is_part) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if is_part && let Some(word) = words.last_mut() {
            for c in c.to_lowercase() {
                match c {
                    'ä' => word.push_str("ae"),
                    'ö' => word.push_str("oe"),
                    'ü' => word.push_str("ue"),
                    'ß' => word.push_str("ss"),
                    'œ' => word.push_str("oe"),
                    // Of a letter with an accent the letter; squares and cubes of units stay.
                    '\u{b2}' | '\u{b3}' => word.push(c),
                    c => word.extend(std::iter::once(c).nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c))),
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_several_languages_are_understood() {
        for (header, field, times) in [
            ("feed_kg", Field::Feed, 1000),
            ("Feed (kg)", Field::Feed, 1000),
            ("feedKg", Field::Feed, 1000),
            ("\u{feff}FEED KG", Field::Feed, 1000),
            ("Futter [kg]", Field::Feed, 1000),
            ("Futterverbrauch in kg", Field::Feed, 1000),
            ("Aliment (t)", Field::Feed, 1_000_000),
            ("weight_g", Field::Weights, 1),
            ("Live weight out (lb)", Field::LiveWeightOut, 45_359_237),
            ("Wasser [l]", Field::Water, 1000),
            ("Stallfläche m²", Field::Area, 10_000),
            ("cost_eur", Field::Cost, 100),
            ("Batch", Field::Batch, 1),
            ("moved_out", Field::MovedOut, 1),
            ("feed_left_kg", Field::FeedLeft, 1000),
            ("Muertos", Field::Dead, 1),
            ("Tote", Field::Dead, 1),
            ("Age (days)", Field::Day, 1),
        ] {
            let column = read(header).unwrap_or_else(|error| panic!("{header}: {error:?}"));
            assert_eq!((column.field, column.scale.times), (field, times), "{header}");
        }
    }

    #[test]
    fn a_measure_without_its_unit_is_asked_for_and_never_guessed() {
        let readings = "feed_g, feed_kg, feed_t, feed_mg, feed_lb, feed_oz".to_owned();
        assert_eq!(read("Feed"), Err(NotColumn::NoUnit { field: Field::Feed, readings: readings.clone() }));
        assert_eq!(read("feed_bags"), Err(NotColumn::WrongUnit { field: Field::Feed, unit: "bags".to_owned(), readings }));
        assert_eq!((read("remarks"), read("dead reason"), read("")), (Err(NotColumn::Unknown), Err(NotColumn::Unknown), Err(NotColumn::Unknown)));
        assert_eq!(mapped("feed", "Silo 1 kg").map(|column| column.scale.times), Ok(1000));
        assert_eq!(mapped("feed_kg", "Silo 1").map(|column| column.field), Ok(Field::Feed));
        assert!(matches!(mapped("feed", "Silo"), Err(NotColumn::NoUnit { .. })));
        assert_eq!(mapped("fodder", "Silo"), Err(NotColumn::Unknown));
    }

    #[test]
    fn every_name_is_one_that_a_header_becomes() {
        for (field, names) in NAMES {
            for name in *names {
                assert_eq!(words(name).join(" "), *name);
                let others = NAMES.iter().filter(|(other, names)| other != field && names.contains(name)).count();
                assert_eq!(others, 0, "{name} stands for two fields");
            }
        }
    }
}
