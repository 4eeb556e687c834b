//! The two macros that keep reader, documentation and JSON Schema one definition.

/// A table with fixed keys. `required`, `optional` or `default` stands before each type; `r#for` is the key `for`.
/// Every field carries its place; `broken` says that some key could not be read, so its absence means nothing.
macro_rules! written {
    (
        $(#[doc = $doc:literal])*
        $name:ident called $called:literal {
            $( $(#[doc = $field_doc:literal])* $field:ident : $kind:ident $type:ty $(= $extra:expr)? ; )*
        }
        $( later { $( $later:literal => $why:literal; )* } )?
        $( instead { $( $foreign:literal => $here:literal; )* } )?
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        pub(in crate::scenario) struct $name {
            $( $(#[doc = $field_doc])* pub(in crate::scenario) $field: written!(@type $kind $type), )*
            #[allow(dead_code, reason = "only tables with checks on absent keys ask")]
            pub(in crate::scenario) broken: bool,
        }

        impl $name {
            /// The keys of the table.
            #[allow(dead_code, reason = "asked only where a broker may have other names for them")]
            pub(in crate::scenario) fn keys() -> Vec<&'static str> {
                vec![$( stringify!($field).trim_start_matches("r#") ),*]
            }
        }

        impl $crate::scenario::reader::Read for $name {
            fn read(
                node: &$crate::scenario::tree::Node,
                reader: &mut $crate::scenario::reader::Reader<'_>,
            ) -> Option<Self> {
                let before = reader.problems.len();
                let table = reader.table(node, $called)?;
                let keys: &[&str] = &[$( stringify!($field).trim_start_matches("r#") ),*];
                #[allow(unused_imports)]
                use $crate::scenario::reader::Stranger;
                reader.known(table, $called, keys, &[
                    $( $( Stranger::Later($later, $why), )* )?
                    $( $( Stranger::Instead($foreign, $here), )* )?
                ]);
                $(
                    let $field = written!(@read $kind reader, table, node, $called,
                        stringify!($field).trim_start_matches("r#") $(, $extra)?);
                )*
                let broken = reader.problems.len() > before;
                Some($name { $( $field: written!(@field $kind $field), )* broken })
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut table = $crate::scenario::reader::TableSchema::new(&[$($doc),*]);
                $(
                    let key = stringify!($field).trim_start_matches("r#");
                    table.property(key, &[$($field_doc),*], generator.subschema_for::<$type>());
                    written!(@schema $kind $type, table, key $(, $extra)?);
                )*
                table.finish()
            }
        }
    };

    (@type required $type:ty) => { $crate::scenario::reader::Placed<$type> };
    (@type default $type:ty) => { $crate::scenario::reader::Placed<$type> };
    (@type optional $type:ty) => { Option<$crate::scenario::reader::Placed<$type>> };

    (@read required $reader:ident, $table:ident, $node:ident, $called:literal, $key:expr, $say:expr) => {
        $reader.required($node, $key, $called, $say)
    };
    (@read default $reader:ident, $table:ident, $node:ident, $called:literal, $key:expr, $default:expr) => {
        $reader.defaulted($table, $key, $default.into())
    };
    (@read optional $reader:ident, $table:ident, $node:ident, $called:literal, $key:expr) => {
        $reader.left_out_or($table, $key)
    };

    (@field required $field:ident) => { $field? };
    (@field default $field:ident) => { $field? };
    (@field optional $field:ident) => { $field };

    (@schema required $type:ty, $table:ident, $key:ident, $say:expr) => { $table.require($key) };
    (@schema default $type:ty, $table:ident, $key:ident, $default:expr) => { $table.default($key, &$default.into()) };
    (@schema optional $type:ty, $table:ident, $key:ident) => {
        if <$type as $crate::scenario::reader::Read>::IS_QUANTITY {
            $table.allow_none($key);
        }
    };
}

/// A closed set of words for an existing enum.
macro_rules! words {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $( $(#[doc = $word_doc:literal])* $word:literal => $variant:expr; )*
        }
        $( later { $( $later:literal => $why:literal; )* } )?
    ) => {
        impl $crate::scenario::reader::Read for $name {
            fn read(
                node: &$crate::scenario::tree::Node,
                reader: &mut $crate::scenario::reader::Reader<'_>,
            ) -> Option<Self> {
                match node.as_text() {
                    $( Some($word) => Some($variant), )*
                    $( $( Some($later) => {
                        let message = format!("{} = {:?} is not supported yet", reader.subject(), $later);
                        reader.note($crate::scenario::problem::Problem::new(&node.place, message).way_out($why));
                        None
                    } )* )?
                    _ => $crate::scenario::quantity::not_a_word(node, reader, &[$($word),*]),
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let words: &[(&str, &[&str])] = &[$( ($word, &[$($word_doc),*]) ),*];
                $crate::scenario::quantity::words_schema(&[$($doc),*], words)
            }
        }
    };
}
