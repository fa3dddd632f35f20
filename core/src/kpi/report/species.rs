//! What kind of animal a batch is of: figures of pigs, fish and layers are others than those of broilers.

/// What kind of animal a batch is of, as far as its figures go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Fish,
    Layer,
    /// Broilers and other poultry for meat, and what is not known: nobody is denied a figure by a word.
    Other,
    Pig,
}

impl Kind {
    pub(super) fn of(species: Option<&str>) -> Self {
        let species = species.unwrap_or("").to_lowercase();
        let is = |names: &[&str]| names.iter().any(|name| species.contains(name));
        if is(PIGS) {
            Self::Pig
        } else if is(FISH) {
            Self::Fish
        } else if is(LAYERS) {
            Self::Layer
        } else {
            Self::Other
        }
    }

    /// Whether the European factors of broilers say something of it.
    pub(super) const fn has_epef(self) -> bool {
        matches!(self, Self::Other)
    }
}

const PIGS: &[&str] = &[
    "pig",
    "swine",
    "hog",
    "sow",
    "grower",
    "finisher",
    "schwein",
    "ferkel",
    "porc",
    "cerdo",
    "lech\u{f3}n",
    "su\u{ed}no",
    "suino",
    "varken",
    "maiale",
];
const FISH: &[&str] = &[
    "fish",
    "trout",
    "salmon",
    "tilapia",
    "carp",
    "bass",
    "bream",
    "pangasius",
    "shrimp",
    "fisch",
    "forelle",
    "lachs",
    "karpfen",
    "poisson",
    "truite",
    "saumon",
    "pez",
    "peces",
    "trucha",
    "peixe",
    "truta",
    "pesce",
    "trota",
];
const LAYERS: &[&str] = &["layer", "laying", "pullet", "legehenne", "pondeuse", "ponedora", "poedeira", "leghen", "ovaiol", "postura"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_names() {
        for (species, kind) in [
            (Some("broiler"), Kind::Other),
            (Some("Mastschweine"), Kind::Pig),
            (Some("Rainbow trout"), Kind::Fish),
            (Some("Legehennen"), Kind::Layer),
            (Some("turkey"), Kind::Other),
            (None, Kind::Other),
        ] {
            assert_eq!(Kind::of(species), kind, "{species:?}");
        }
    }
}
