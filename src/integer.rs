//! Whole numbers of any width, for arguments of the service.

/// A whole number of any width, for arguments such as minutes and sizes.
///
/// ```
/// use singlestore_management::types::AutoSuspend;
///
/// let minutes: usize = 20;
/// let pause = AutoSuspend::new().suspend_after_seconds(minutes * 60);
/// assert_eq!(pause.suspend_after_seconds, Some(1200));
/// ```
///
/// A number outside the range of a signed 64-bit integer becomes the nearest one within it. Which numbers make sense is for the
/// service to decide: what it does with a negative size or limit is not checked here.
pub trait IntoInteger {
    /// The number.
    fn into_integer(self) -> i64;
}

macro_rules! fits {
    ($($integer:ident)*) => {$(
        impl IntoInteger for $integer {
            fn into_integer(self) -> i64 {
                i64::from(self)
            }
        }
    )*};
}

macro_rules! may_be_beyond {
    ($($integer:ident)*) => {$(
        impl IntoInteger for $integer {
            #[allow(unused_comparisons, reason = "an unsigned number is never negative")]
            fn into_integer(self) -> i64 {
                i64::try_from(self).unwrap_or(if self < 0 { i64::MIN } else { i64::MAX })
            }
        }
    )*};
}

fits! { i8 i16 i32 i64 u8 u16 u32 }
may_be_beyond! { u64 usize u128 isize i128 }
