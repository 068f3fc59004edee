//! Numbers as people read them.

/// A size: `512 B`, `1.2 GiB`.
///
/// ```
/// assert_eq!(s3stream_core::report::human::bytes(1_288_490_189), "1.2 GiB");
/// ```
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    // What would be rounded to 1024 is 1 of the next unit.
    while value >= 1023.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{} {}", digits(value), UNITS[unit])
}

/// A rate of bytes: `48.1 MiB/s`; a dash where no time passed.
pub fn rate(bytes: u64, seconds: f64) -> String {
    if seconds <= 0.0 {
        return "–".to_owned();
    }
    // A float becomes the nearest integer that there is, never another.
    #[expect(clippy::cast_possible_truncation)]
    let rate = (bytes as f64 / seconds) as u64;
    format!("{}/s", self::bytes(rate))
}

/// A duration in seconds: `250 ms`, `3 min 20 s`, `2 h 5 min`.
///
/// ```
/// assert_eq!(s3stream_core::report::human::duration(200.0), "3 min 20 s");
/// ```
pub fn duration(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation)]
    let whole = seconds.round() as u64;
    match whole {
        0 if seconds < 0.001 => "under 1 ms".to_owned(),
        _ if seconds < 0.9995 => format!("{:.0} ms", seconds * 1000.0),
        _ if seconds < 9.95 => format!("{} s", digits(seconds)),
        0..60 => format!("{whole} s"),
        60..3_600 => pair(whole / 60, "min", whole % 60, "s"),
        3_600..86_400 => pair(whole / 3_600, "h", whole % 3_600 / 60, "min"),
        _ => pair(whole / 86_400, "d", whole % 86_400 / 3_600, "h"),
    }
}

/// A count with its thousands set apart: `1,203,400`.
///
/// ```
/// assert_eq!(s3stream_core::report::human::count(1_203_400), "1,203,400");
/// ```
pub fn count(count: u64) -> String {
    let plain = count.to_string();
    let mut text = String::with_capacity(plain.len() + plain.len() / 3);
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun, which gets an `s` unless there is one: `1 object`, `3,029 objects`.
pub fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

/// A share of a whole: `12 %`, and `under 1 %` rather than none.
pub fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let percent = part as f64 * 100.0 / whole as f64;
    match percent {
        _ if percent < 1.0 => "under 1 %".to_owned(),
        // Not all of it is not 100 %.
        _ if percent > 99.0 && part < whole => "over 99 %".to_owned(),
        _ => format!("{percent:.0} %"),
    }
}

fn pair(big: u64, big_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        return format!("{big} {big_unit}");
    }
    format!("{big} {big_unit} {small} {small_unit}")
}

/// Two or three digits that count, without a decimal of nothing.
fn digits(value: f64) -> String {
    let text = if value < 99.95 { format!("{value:.1}") } else { format!("{value:.0}") };
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_never_read_1024_of_anything() {
        for (given, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (102_350, "100 KiB"),
            ((1 << 20) - 1, "1 MiB"),
            (64 << 20, "64 MiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(bytes(given), text);
        }
        assert_eq!(rate(10 << 20, 4.0), "2.5 MiB/s");
        assert_eq!(rate(1, 0.0), "–");
    }

    #[test]
    fn durations_carry_two_units_at_most() {
        for (seconds, text) in [
            (0.0, "under 1 ms"),
            (0.0123, "12 ms"),
            (0.9999, "1 s"),
            (1.25, "1.2 s"),
            (9.99, "10 s"),
            (59.6, "1 min"),
            (200.0, "3 min 20 s"),
            (3_600.0, "1 h"),
            (7_500.0, "2 h 5 min"),
            (100_000.0, "1 d 3 h"),
        ] {
            assert_eq!(duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn counts_and_shares_are_honest() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(counted(1, "object"), "1 object");
        assert_eq!(counted(2_000, "object"), "2,000 objects");
        assert_eq!(percent(1, 100_000), "under 1 %");
        assert_eq!(percent(99_999, 100_000), "over 99 %");
        assert_eq!(percent(5, 5), "100 %");
    }
}
