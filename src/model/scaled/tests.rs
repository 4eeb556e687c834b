//! Scaled models.
