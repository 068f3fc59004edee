//! Settings by name and value: a new one is no change of the interface.

use std::ffi::c_char;
use std::sync::LazyLock;

use s3stream_core::{ClientBuilder, SETTINGS, blocking};

use crate::error::Failure;
use crate::guard::{Exclusive, guard, guard_or};
use crate::pointer::{borrow, free, give, text};
use crate::status::Status;
use crate::text::Text;

/// Settings of a client that is to be made.
///
/// What is not set comes from the environment (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL,
/// AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, ...)
/// and from ~/.aws/config and ~/.aws/credentials, as every S3 user expects.
pub struct Config(pub(crate) Exclusive<ClientBuilder>);

/// Settings with nothing set. NULL only after an internal error.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_config_new() -> *mut Config {
    guard_or("s3stream_config_new", std::ptr::null_mut(), || {
        Ok(give(Config(Exclusive::new(blocking::Client::builder()))))
    })
}

/// Sets one setting by its name, from text: durations in seconds ("2.5"), sizes in bytes,
/// yes or no as "true" or "false".
///
/// S3STREAM_INVALID_INPUT for a name that there is not (the line then has the nearest one) and
/// for a value that the setting does not take; `config` is then as it was before. Names and
/// values are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_config_set(
    config: *mut Config,
    name: *const c_char,
    value: *const c_char,
) -> Status {
    guard("s3stream_config_set", || {
        // SAFETY: the header's contract of pointers.
        let (config, name, value) =
            unsafe { (borrow(config, "config")?, text(name, "name")?, text(value, "value")?) };
        let mut builder = config.0.enter()?;
        *builder = builder.clone().try_set(name, value)?;
        Ok(())
    })
}

/// Frees it; clients that were made from it stay as they are. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_config_free(config: *mut Config) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_config_free", config) }
}

/// How many settings there are.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_setting_count() -> usize {
    SETTINGS.len()
}

/// The name of a setting; NULL if `index` is not below s3stream_setting_count(). This and the
/// two texts below live as long as the process.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_setting_name(index: usize) -> *const c_char {
    setting("s3stream_setting_name", index, |setting| &setting.name)
}

/// One line of help for a setting, with its unit.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_setting_help(index: usize) -> *const c_char {
    setting("s3stream_setting_help", index, |setting| &setting.help)
}

/// The default of a setting, as text; empty where there is none.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_setting_default(index: usize) -> *const c_char {
    setting("s3stream_setting_default", index, |setting| &setting.default)
}

struct Setting {
    name: Text,
    help: Text,
    default: Text,
}

/// The core's table with the NULs that C needs.
static TABLE: LazyLock<Vec<Setting>> = LazyLock::new(|| {
    let texts = SETTINGS.iter().map(|setting| Setting {
        name: Text::new(setting.name),
        help: Text::new(setting.help),
        default: Text::new(setting.default),
    });
    texts.collect()
});

fn setting(
    function: &'static str,
    index: usize,
    field: fn(&'static Setting) -> &'static Text,
) -> *const c_char {
    guard_or(function, std::ptr::null(), || {
        let setting = TABLE.get(index);
        let setting = setting.ok_or_else(|| Failure::misuse(format!("there is no {index}")))?;
        Ok(field(setting).as_ptr())
    })
}
