//! Files as people write them and as the AWS tools read them: a row a case.

use super::Kind::{Config, Credentials};
use super::*;

/// What a profile of a parsed file holds: `name=value` separated by `|`, a continued value's
/// line breaks as `/`; `-` where the profile is not there, `!N` where line N is none.
fn shown(kind: Kind, text: &str, profile: &str) -> String {
    match parse(kind, text) {
        Err(line) => format!("!{line}"),
        Ok(sections) => sections.profile(profile).map_or("-".to_owned(), |section| {
            let pairs = section.iter().map(|(name, value)| format!("{name}={}", **value));
            pairs.collect::<Vec<_>>().join("|").replace('\n', "/")
        }),
    }
}

#[test]
fn files_are_read_as_the_aws_tools_read_them() {
    let table: &[(Kind, &str, &str, &str)] = &[
        // Headers.
        (Config, "", "default", "-"),
        (Config, "[default]", "default", ""),
        (Config, "[profile x]", "x", ""),
        (Config, "[profile  x ]", "x", ""),
        (Config, "[ profile x ]", "x", ""),
        (Config, "[profile\tx]", "x", ""),
        (Config, "[profile \tx \t]", "x", ""),
        (Config, "[profile x", "x", "!1"),
        (Config, "[profile x]\na=1\n[y", "x", "!3"),
        (Config, "[profile X]", "x", "-"),
        (Config, "[profilex]\na=1", "x", "-"),
        (Config, "[x]\na=1", "x", "-"),
        (Config, "[]\na=1\n[profile x]\nb=2", "x", "b=2"),
        (Config, "[profile]\na=1\n[profile x]\nb=2", "x", "b=2"),
        (Config, "[profile in valid]\na=1", "in valid", "-"),
        (Config, "[profile in valid]\na=1\n[profile x]\nb=2", "x", "b=2"),
        (Config, "[profile foo!bar]", "foo!bar", "-"),
        (Config, "[profile a-b_c/d.e%f@g:h+i]", "a-b_c/d.e%f@g:h+i", ""),
        (Config, "[profile \"a b\"]\nk=v", "a b", "k=v"),
        (Config, "[profile 'a b']\nk=v", "a b", "k=v"),
        (Config, "[profile \"x\"]\nk=v", "x", "k=v"),
        (Config, "[profile 'x']\nk=v", "x", "k=v"),
        (Config, "[profile\"x\"]\nk=v", "x", "k=v"),
        (Config, "[profile \"a b]\nk=v", "a b", "-"),
        (Config, "[profile \"\"]\nk=v", "", "-"),
        (Config, "[profile 'a b' c]\nk=v", "a b", "-"),
        (Config, "[sso-session x]\nk=v", "x", "-"),
        (Config, "[services x]\nk=v", "x", "-"),
        (Config, "[preview]\nk=v\n[profile x]\na=1", "x", "a=1"),
        (Config, "[plugins]\nendpoint = awscli_plugin_endpoint\n[default]\na=1", "default", "a=1"),
        // The default profile, with and without its prefix.
        (Config, "[default]\na=1", "default", "a=1"),
        (Config, "[profile default]\na=1", "default", "a=1"),
        (Config, "[default]\na=1\n[profile default]\nb=2", "default", "b=2"),
        (Config, "[profile default]\nb=2\n[default]\na=1", "default", "b=2"),
        (
            Config,
            "[profile default]\na=1\n[default]\nb=2\n[profile default]\nc=3",
            "default",
            "a=1|c=3",
        ),
        (Config, "[default]\na=1", "x", "-"),
        // The credentials file.
        (Credentials, "[x]\na=1", "x", "a=1"),
        (Credentials, "[ x ]\na=1", "x", "a=1"),
        (Credentials, "[   x    ]\na=1\n[profile y]", "x", "a=1"),
        (Credentials, "[default]\na=1", "default", "a=1"),
        (Credentials, "[profile x]\na=1", "x", "-"),
        (Credentials, "[profile\tx]\na=1", "x", "-"),
        (Credentials, "[profile x]\na=1", "profile x", "-"),
        (Credentials, "[my backup]\na=1", "my backup", "a=1"),
        (Credentials, "[sso-sessionx]\na=1", "sso-sessionx", "a=1"),
        (Credentials, "[profilex]\na=1", "profilex", "a=1"),
        (Credentials, "[]\na=1\n[x]\nb=2", "x", "b=2"),
        // Values.
        (Config, "[default]\na=1\nb=2", "default", "a=1|b=2"),
        (Config, "[default]\r\na=1\r\nb=2\r\n", "default", "a=1|b=2"),
        (Config, "[default]\na \t=  \t1 \t", "default", "a=1"),
        (Config, "[default]\na=x=y", "default", "a=x=y"),
        (Config, "[default]\na = x==", "default", "a=x=="),
        (Config, "[default]\na=", "default", "a="),
        (Config, "[default]\nName=1", "default", "name=1"),
        (Config, "[default]\na=1\na=2", "default", "a=2"),
        (Config, "[default]\nA=1\na=2", "default", "a=2"),
        (Config, "[default]\na=1\n[default]\nb=2", "default", "a=1|b=2"),
        (Config, "[default]\na=1\n[default]\na=2", "default", "a=2"),
        (Config, "[default]\na=\u{1F602}", "default", "a=\u{1F602}"),
        (Config, "[default]\na=\"quoted\"", "default", "a=\"quoted\""),
        (Config, "[default]\nin valid=1", "default", "in valid=1"),
        (Config, "[default]\n=1", "default", "!2"),
        (Config, "[default]\n = 1", "default", "!2"),
        (Config, "[default]\nkey : value", "default", "!2"),
        (Config, "[default]\nnonsense", "default", "!2"),
        (Config, "a=1", "default", "!1"),
        (Config, " a=1", "default", "!1"),
        (Config, "\n\n a\n", "default", "!3"),
        // Blank lines and comments.
        (Config, "\t \n[default]\n\t\n \na=1\n\t \n[profile x]\n \t", "default", "a=1"),
        (Config, "# c\n[default] # c\na=1 # c with # sign", "default", "a=1"),
        (Config, "; c\n[default] ; c\na=1 ; c with ; sign", "default", "a=1"),
        (Config, "[default] ; c\na=1 # c with ; sign", "default", "a=1"),
        (Config, ";\n[default];\na=1 ;\n", "default", "a=1"),
        (Config, "[default]; adjacent\na=1", "default", "a=1"),
        (Config, "[default]# adjacent\na=1", "default", "a=1"),
        (Config, "[profile x]#", "x", ""),
        (Config, "[default] whatever\na=1", "default", "a=1"),
        (Config, "[default] # see [other]\na=1", "default", "a=1"),
        (
            Config,
            "[default]\na=1; adjacent\nb=2# adjacent",
            "default",
            "a=1; adjacent|b=2# adjacent",
        ),
        (Config, "[default]\na=1\t# tab", "default", "a=1"),
        (Config, "[default]\na=#1", "default", "a=#1"),
        (Config, "[default]\na= # only", "default", "a="),
        (Config, "[default]\n  # indented\na=1", "default", "a=1"),
        (Config, "[default]\na=1\n  # indented\nb=2", "default", "a=1|b=2"),
        (Config, "[default]\n#a=1", "default", ""),
        (
            Credentials,
            "[default]\naws_secret_access_key=a#b;c",
            "default",
            "aws_secret_access_key=a#b;c",
        ),
        // A byte order mark.
        (Config, "\u{FEFF}[default]\na=1", "default", "a=1"),
        (Config, "\u{FEFF}[default]\r\na=1\r\n", "default", "a=1"),
        (Credentials, "\u{FEFF}# c\n[x]\na=1", "x", "a=1"),
        (Credentials, "\u{FEFF}", "x", "-"),
        // Values that go on.
        (Config, "[default]\na=1\n -2", "default", "a=1/-2"),
        (Config, "[default]\na=1\n -2\n -3", "default", "a=1/-2/-3"),
        (Config, "[default]\na=1\n \t -2 \t ", "default", "a=1/-2"),
        (Config, "[default]\na=1\n -2 # no comment", "default", "a=1/-2 # no comment"),
        (Config, "[default]\na=1\n -2 ; no comment", "default", "a=1/-2 ; no comment"),
        (Config, "[default]\na=1\n b=2", "default", "a=1/b=2"),
        (Config, "[default]\na=1\n\n -2", "default", "a=1/-2"),
        (Config, "[default]\na=1\n -2\nb=3", "default", "a=1/-2|b=3"),
        (Config, "[default]\n -2", "default", "!2"),
        (Config, "[default]\na=1\n[default]\n -2", "default", "!4"),
        (Config, " -2", "default", "!1"),
        // Values below another.
        (Config, "[default]\ns3 =\n a=1", "default", "s3=|s3.a=1"),
        (Config, "[default]\ns3 =\n a=1\n b=2\nc=3", "default", "c=3|s3=|s3.a=1|s3.b=2"),
        (Config, "[default]\ns3=\n\ta = 1\n\tb = 2", "default", "s3=|s3.a=1|s3.b=2"),
        (Config, "[default]\ns3 = # c\n a=1 # c", "default", "s3=|s3.a=1"),
        (Config, "[default]\ns3 =\n a=1\n\t \n b=2", "default", "s3=|s3.a=1|s3.b=2"),
        (Config, "[default]\ns3 =\n a=", "default", "s3=|s3.a="),
        (Config, "[default]\ns3 =\n in valid=1", "default", "s3=|s3.in valid=1"),
        (Config, "[default]\ns3 =\n invalid", "default", "!3"),
        (Config, "[default]\ns3 =\n =1", "default", "!3"),
        (Config, "[default]\nS3 =\n A=1", "default", "s3=|s3.a=1"),
        (Config, "[default]\ns3 =\n a=1\nother =\n a=2", "default", "other=|other.a=2|s3=|s3.a=1"),
        (Config, "[default]\ns3 =\n a=1\ns3 =\n b=2", "default", "s3=|s3.b=2"),
        (Config, "[default]\ns3 =\n a=1\ns3=x", "default", "s3=x"),
        (Config, "[default]\ns3 =\na=1", "default", "a=1|s3="),
        // Indented profiles, which botocore reads by comparing indentations.
        (Credentials, "[default]\n    a=1\n    b=2", "default", "a=1|b=2"),
        (Config, "  [default]\n  a=1\n  b=2\n  [profile x]\n  c=3", "x", "c=3"),
        (Config, "  [default]\n    a=1\n    b=2\n  [profile x]\n    c=3", "default", "a=1|b=2"),
        (Config, "[default]\n  s3 =\n    a=1\n    b=2\n  c=3", "default", "c=3|s3=|s3.a=1|s3.b=2"),
        (Config, "[default]\n  a=1\n    -2\n  b=3", "default", "a=1/-2|b=3"),
        (Config, "[default]\n  a=1\nb=2", "default", "a=1|b=2"),
        (Config, "[default]\na=1\n  [profile x]\n  b=2", "x", "b=2"),
    ];
    for (kind, text, profile, expected) in table {
        assert_eq!(shown(*kind, text, profile), *expected, "{kind:?} {text:?} [{profile}]");
    }
    assert!(table.len() >= 100, "{} rows", table.len());
}

#[test]
fn services_stand_in_sections_of_their_own() {
    for header in ["[services x]", "[services 'x']", "[ services \"x\" ] # c"] {
        let sections =
            parse(Config, &format!("{header}\ns3 =\n  endpoint_url = http://h")).unwrap();
        let section = sections.get(&Header::Services("x".into())).unwrap();
        assert_eq!(section["s3.endpoint_url"].as_str(), "http://h", "{header}");
    }
}
