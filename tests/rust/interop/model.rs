//! What a listing must be, computed from the keys alone.

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Question<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: Option<&'a str>,
    pub(crate) start_after: Option<&'a str>,
    pub(crate) end_at: Option<&'a str>,
}

/// The names in order: `Ok(key)` or `Err(common prefix)`.
///
/// A group is there if one of its keys is after `start_after`, and its prefix is not
/// beyond `end_at`.
pub(crate) fn answer<'a>(
    keys: &[&'a str],
    question: &Question<'_>,
) -> Vec<Result<&'a str, &'a str>> {
    let mut names = Vec::new();
    for &key in keys {
        if !key.starts_with(question.prefix)
            || question.start_after.is_some_and(|start| key <= start)
        {
            continue;
        }
        let rest = &key[question.prefix.len()..];
        let group = question.delimiter.and_then(|delimiter| {
            let end = question.prefix.len() + rest.find(delimiter)? + delimiter.len();
            Some(&key[..end])
        });
        let name = group.map_or(Ok(key), Err);
        let (Ok(text) | Err(text)) = name;
        if question.end_at.is_none_or(|end| text <= end) && names.last() != Some(&name) {
            names.push(name);
        }
    }
    names
}

#[test]
fn the_model_groups_and_cuts() {
    let keys = ["a", "a/b", "a/c/d", "b", "c/"];
    let ask = |question: Question<'_>| answer(&keys, &question);
    let all = Question::default();
    let grouped = Question { delimiter: Some("/"), ..all.clone() };
    assert_eq!(ask(all), keys.map(Ok));
    assert_eq!(ask(grouped.clone()), [Ok("a"), Err("a/"), Ok("b"), Err("c/")]);
    assert_eq!(ask(Question { prefix: "a/", ..grouped.clone() }), [Ok("a/b"), Err("a/c/")]);
    assert_eq!(
        ask(Question { start_after: Some("a/b"), end_at: Some("b"), ..grouped }),
        [Err("a/"), Ok("b")]
    );
}
