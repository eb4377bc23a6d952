//! The serde attributes of a type and its fields, until the tables for reading and writing replace them.

use super::syntax::{drop_serde_key, without_derive};

/// The meaning of a field's attributes.
#[derive(Default)]
pub struct Told {
    /// The older names on the wire.
    pub aliases: Vec<String>,
    /// Whether it may be missing when read.
    pub default: bool,
    /// Whether it holds the properties without a field of their own.
    pub flat: bool,
    /// The function that reads it.
    pub read_with: Option<String>,
    /// The function that writes it.
    pub written_with: Option<String>,
    /// Whether it is never written.
    pub skipped: bool,
    /// The function that decides whether it is left out.
    pub skipped_if: Option<String>,
}

impl Told {
    /// Reads the attributes; none if one of them is not known here.
    pub fn of(attributes: &[syn::Attribute]) -> Option<Self> {
        let mut told = Self::default();
        for attribute in to_serde(attributes) {
            let understood = attribute.parse_nested_meta(|meta| {
                let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                let value = match meta.input.peek(syn::Token![=]) {
                    true => Some(meta.value()?.parse::<syn::LitStr>()?.value()),
                    false => None,
                };
                match (name.as_str(), value) {
                    ("rename", Some(_)) => {}
                    ("alias", Some(alias)) => told.aliases.push(alias),
                    ("default", None) => told.default = true,
                    ("flatten", None) => told.flat = true,
                    ("skip_serializing", None) => told.skipped = true,
                    ("deserialize_with", path @ Some(_)) => told.read_with = path,
                    ("serialize_with", path @ Some(_)) => told.written_with = path,
                    ("skip_serializing_if", path @ Some(_)) => told.skipped_if = path,
                    _ => return Err(meta.error("not known here")),
                }
                Ok(())
            });
            understood.ok()?;
        }
        Some(told)
    }
}

/// The attributes that serde reads.
pub fn to_serde(attributes: &[syn::Attribute]) -> impl Iterator<Item = &syn::Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde"))
}

/// Removes what only derived reading uses from a type.
pub fn forget_reading(item: &mut syn::Item) {
    each_attributes(item, &mut |attributes| {
        attributes.iter_mut().for_each(|attribute| without_derive(attribute, "Deserialize"));
        for key in ["default", "deserialize_with", "alias"] {
            drop_serde_key(attributes, key);
        }
    });
}

/// Removes what only derived code uses from a type, once reading no longer needs it.
pub fn forget_writing(item: &mut syn::Item) {
    each_attributes(item, &mut |attributes| {
        attributes.iter_mut().for_each(|attribute| without_derive(attribute, "Serialize"));
        attributes.retain(|attribute| !attribute.path().is_ident("serde"));
    });
}

/// The attributes of a type, of its branches and of their fields.
fn each_attributes(item: &mut syn::Item, change: &mut dyn FnMut(&mut Vec<syn::Attribute>)) {
    struct Each<'a>(&'a mut dyn FnMut(&mut Vec<syn::Attribute>));
    impl syn::visit_mut::VisitMut for Each<'_> {
        fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
            (self.0)(attributes);
        }
    }
    syn::visit_mut::VisitMut::visit_item_mut(&mut Each(change), item);
}
