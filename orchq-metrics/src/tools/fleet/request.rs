//! The requests to a server.

/// One request to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The endpoint, below the server's URL.
    pub endpoint: Endpoint,
    /// The fields of the form, or of the query string.
    pub fields: Vec<(&'static str, String)>,
}

/// The endpoints that are used: all servers have the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// An expression at one time.
    Query,
    /// The names of labels.
    Labels,
    /// The metadata of families.
    Metadata,
    /// The metadata of families by target, which only Prometheus keeps.
    TargetsMetadata,
}

impl Endpoint {
    /// The path below the server's URL.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Query => "api/v1/query",
            Self::Labels => "api/v1/labels",
            Self::Metadata => "api/v1/metadata",
            Self::TargetsMetadata => "api/v1/targets/metadata",
        }
    }

    /// Whether it accepts the fields as a form by POST, which has room for long queries, and not only by GET.
    #[must_use]
    pub fn accepts_post(self) -> bool {
        matches!(self, Self::Query | Self::Labels)
    }
}
