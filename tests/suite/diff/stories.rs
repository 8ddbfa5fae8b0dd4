//! Changes that broke dashboards elsewhere, as they would have been told.
