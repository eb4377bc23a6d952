//! Marks every function for inlining, so that only the ones a program uses are compiled, with the program, instead of
//! all of them with this crate.

use syn::visit_mut::VisitMut;

/// Marks the functions of all `impl`s.
pub fn mark(file: &mut syn::File) {
    Mark.visit_file_mut(file);
}

struct Mark;

impl VisitMut for Mark {
    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        if !function.attrs.iter().any(|attribute| attribute.path().is_ident("inline")) {
            function.attrs.push(syn::parse_quote!(#[inline]));
        }
    }
}
