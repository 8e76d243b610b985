"""The features, one a file. The order here is the order of every table, document and page."""

from __future__ import annotations

from candor.scoring.features import (
    acknowledged_help,
    active_weeks,
    activity_share,
    conversation,
    likes_given,
    questions_asked,
    reshares_made,
    specialised_help,
    still_recognised,
)

EXPERTISE = (acknowledged_help, specialised_help, still_recognised)
INTEREST = (activity_share, active_weeks, questions_asked, conversation, likes_given, reshares_made)
