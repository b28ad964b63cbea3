"""The routers of the API, in the order in which addresses are matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.web.api import document, reference

if TYPE_CHECKING:
    from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = (reference.router, *document.ROUTERS)
