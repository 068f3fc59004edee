//! How the end of a listing is known, and what must not go on for ever.

use super::order::{Seen, Sight};

/// How the end of a listing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// It has not come to its end yet, or never will.
    NotReached,
    /// The server said so, and nobody looked.
    Told,
    /// A request behind the last key brought nothing, or a key beyond the range had come.
    Proven,
    /// The server said so, but each time that somebody looked there were new keys behind the
    /// last one, written since the listing began. Ten pages of them were taken, and no more.
    Outrun,
}

impl End {
    /// The name: `not_reached`, `told`, `proven` or `outrun`.
    pub const fn name(self) -> &'static str {
        match self {
            End::NotReached => "not_reached",
            End::Told => "told",
            End::Proven => "proven",
            End::Outrun => "outrun",
        }
    }
}

/// Pages behind the end that hold only what was written since the listing began: a bucket
/// that is written to faster than it is listed has no end.
pub(crate) const MOST_YOUNGER: u32 = 10;

/// Pages one after another that bring nothing. Servers whose deleted keys still take their
/// place in a page give some; these were a million places.
const MOST_VAIN: u32 = 1_000;

/// Tokens that are remembered while nothing comes.
const TOKEN_MEMORY: u64 = 128 * 1024;

/// Pages that bring nothing: they must end, and not go round in a circle.
#[derive(Clone, Debug)]
pub(crate) struct Vain {
    pages: u32,
    tokens: Seen,
}

impl Default for Vain {
    fn default() -> Self {
        Vain { pages: 0, tokens: Seen::new(TOKEN_MEMORY) }
    }
}

impl Vain {
    /// A page brought something.
    pub(crate) fn end(&mut self) {
        if self.pages > 0 {
            *self = Vain::default();
        }
    }

    /// A page brought nothing, and leads on by this; an error if that has no end.
    pub(crate) fn page(&mut self, token: Option<&str>) -> Result<(), String> {
        self.pages += 1;
        if token.is_some_and(|token| self.tokens.see(&token) == Sight::Again) {
            return Err("the continuation token repeats: the listing would never end".to_owned());
        }
        if self.pages > MOST_VAIN {
            return Err(format!("{MOST_VAIN} pages in a row brought nothing"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_bring_nothing_end() {
        let mut vain = Vain::default();
        let tokens: Vec<String> = (0..=MOST_VAIN).map(|n| n.to_string()).collect();
        let (last, before) = tokens.split_last().unwrap();
        for token in before {
            assert_eq!(vain.page(Some(token)), Ok(()), "{token}");
        }
        assert!(vain.page(Some(last)).unwrap_err().contains("brought nothing"));
        vain.end();
        assert_eq!(vain.page(Some(last)), Ok(()));
    }

    #[test]
    fn tokens_that_go_round_in_a_circle_are_noticed() {
        let mut vain = Vain::default();
        let circle = ["a", "b", "c", "a"].map(|token| vain.page(Some(token)));
        assert!(circle[..3].iter().all(Result::is_ok));
        assert!(circle[3].as_ref().is_err_and(|why| why.contains("repeats")));
    }
}
