//! All routes on one screen.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::routing::{get, post};
use cairn_wire::path;

use crate::office::Office;
use crate::routes::{
    attachments, heal, heal_pack, health, join, late, letters, packs, roster, sync, workspaces,
};

/// Which endpoint answers where.
pub(crate) fn router(office: Arc<Office>) -> Router {
    Router::new()
        .route(
            path::WORKSPACES,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(workspaces::create(&office, request).await)
            }),
        )
        .route(
            path::ROSTER,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(roster::append(&office, request).await)
            }),
        )
        .route(
            path::HEAL,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(heal::segments(&office, request).await)
            }),
        )
        .route(
            path::HEAL_ROSTER,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(heal::roster(&office, request).await)
            }),
        )
        .route(
            path::HEAL_PACK,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(heal_pack::put(&office, request).await)
            }),
        )
        .route(
            path::JOIN,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(join::ask(&office, request).await)
            }),
        )
        .route(
            path::SYNC,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(sync::exchange(&office, request).await)
            }),
        )
        .route(
            path::LATE,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(late::hand_in(&office, request).await)
            }),
        )
        .route(
            path::LETTERS,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(letters::fetch(&office, request).await)
            }),
        )
        .route(
            path::PACK,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(packs::put(&office, request).await)
            }),
        )
        .route(
            path::PACKS,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(packs::offers(&office, request).await)
            }),
        )
        .route(
            path::PIECES,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(packs::pieces(&office, request).await)
            }),
        )
        .route(
            path::ATTEST,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(packs::attest(&office, request).await)
            }),
        )
        .route(
            path::ATTACHMENTS,
            post(async |State(office): State<Arc<Office>>, request: Request| {
                office.respond(attachments::answer(&office, request).await)
            }),
        )
        .route(
            path::HEALTH,
            get(async |State(office): State<Arc<Office>>| office.respond(health::check(&office).await)),
        )
        .with_state(office)
}
