//! What the fields of objects are made of.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Out, Scalar, Writable};

macro_rules! scalars {
    ($($ty:ty => $scalar:ident,)*) => {$(
        impl Writable for $ty {
            #[inline]
            fn write(&self, out: &mut dyn Out) {
                out.scalar(Scalar::$scalar(*self));
            }
        }
    )*};
}

scalars! { bool => Bool, i32 => I32, i64 => I64, u32 => U32, u64 => U64, f32 => F32, f64 => F64, }

impl Writable for String {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        out.scalar(Scalar::Text(self));
    }
}

impl<T: Writable> Writable for Option<T> {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        match self {
            Some(value) => out.some(value),
            None => out.scalar(Scalar::None),
        }
    }

    #[inline]
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Writable> Writable for Vec<T> {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        out.list(self.len(), &mut |element| self.iter().for_each(|value| element(value)));
    }
}

impl<T: Writable> Writable for BTreeMap<String, T> {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        out.map(Some(self.len()), &mut |entry| self.iter().for_each(|(name, value)| entry(name, value)));
    }
}

impl Writable for Map<String, Value> {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        out.map(Some(self.len()), &mut |entry| self.iter().for_each(|(name, value)| entry(name, value)));
    }
}

impl Writable for Value {
    fn write(&self, out: &mut dyn Out) {
        match self {
            Value::Null => out.scalar(Scalar::Null),
            Value::Bool(value) => out.scalar(Scalar::Bool(*value)),
            Value::Number(number) => out.scalar(Scalar::Number(number)),
            Value::String(text) => out.scalar(Scalar::Text(text)),
            Value::Array(list) => list.write(out),
            Value::Object(map) => map.write(out),
        }
    }
}

impl<T: Writable> Writable for Box<T> {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        T::write(self, out);
    }

    #[inline]
    fn is_absent(&self) -> bool {
        T::is_absent(self)
    }
}

impl<T: Writable> Writable for &T {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        T::write(self, out);
    }

    #[inline]
    fn is_absent(&self) -> bool {
        T::is_absent(self)
    }
}
