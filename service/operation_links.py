"""Links between operations: which answer leads to which other operation, as OpenAPI's `links` say it."""

from __future__ import annotations

from typing import Any

_JOB = {"job_id": "$response.body#/id"}
_SCORE = {"score_id": "$response.body#/results/0/score_id"}
_THIS_SCORE = {"score_id": "$request.path.score_id"}
_FIRST_SCORE = {"score_id": "$response.body#/data/0/score_id"}
_WHOSE = {"network": "$response.body#/account/network", "account": "$response.body#/account/account"}
_DISPUTE = {"dispute_id": "$response.body#/id"}
_TOPIC = {"topic_id": "$response.body#/id"}
_ROOT = {"root_id": "$response.body#/id"}
_DATASET = {"dataset_id": "$response.body#/id"}
_WEBHOOK = {"webhook_id": "$response.body#/id"}
_THIS_WEBHOOK = {"webhook_id": "$request.path.webhook_id"}
_BOARD_ID = {"board_id": "$response.body#/board/id"}
_THIS_BOARD = {"board_id": "$request.path.board_id"}
_BOARD = {
    "topic_id": "$request.path.topic_id",
    "dataset": "$request.query.dataset",
    "trust_root": "$request.query.trust_root",
}
_LINKS: dict[str, dict[str, dict[str, str]]] = {
    "create_job": {"read_job": _JOB, "cancel_job": _JOB},
    "read_job": {"read_score": _SCORE, "draw_chart": _SCORE, "draw_badge": _SCORE},
    "cancel_job": {"read_job": _JOB},
    "list_jobs": {"read_job": {"job_id": "$response.body#/data/0/id"}},
    "read_score": {
        "draw_chart": _THIS_SCORE,
        "draw_badge": _THIS_SCORE,
        "make_link": _THIS_SCORE,
        "create_dispute": _THIS_SCORE,
        "list_score_disputes": _THIS_SCORE,
        "list_account_scores": _WHOSE,
        "list_account_history": _WHOSE | {"topic": "$response.body#/topic/id"},
        "read_method": {"version": "$response.body#/method/version"},
    },
    "create_dispute": {"read_dispute": _DISPUTE, "decide_dispute": _DISPUTE},
    "list_disputes": {"read_dispute": {"dispute_id": "$response.body#/data/0/id"}},
    "make_link": {"revoke_link": _THIS_SCORE},
    "make_board_link": {"revoke_board_link": _THIS_BOARD},
    "erase_account": {"read_erasure": {"erasure_id": "$response.body#/id"}},
    "list_account_scores": {"read_score": _FIRST_SCORE},
    "list_account_history": {"read_score": _FIRST_SCORE},
    "list_experts": {
        "explain_expert": _BOARD_ID | {"account": "$response.body#/data/0/account"},
        "read_map": _BOARD,
        "draw_map": _BOARD,
        "draw_board": _BOARD_ID,
        "make_board_link": _BOARD_ID,
    },
    "explain_expert": {"read_job": _JOB},
    "write_topic": {"read_topic": _TOPIC, "delete_topic": _TOPIC},
    "list_topics": {"read_topic": {"topic_id": "$response.body#/data/0/id"}},
    "write_trust_root": {"read_trust_root": _ROOT, "delete_trust_root": _ROOT},
    "write_dataset": {"read_dataset": _DATASET, "delete_dataset": _DATASET},
    "list_methods": {"read_method": {"version": "$response.body#/data/0/version"}},
    "create_webhook": {"read_webhook": _WEBHOOK, "ping_webhook": _WEBHOOK, "delete_webhook": _WEBHOOK},
    "read_webhook": {"rotate_webhook_secret": _WEBHOOK, "list_deliveries": _WEBHOOK},
    "ping_webhook": {"list_deliveries": _THIS_WEBHOOK},
    "create_key": {"revoke_key": {"key_id": "$response.body#/id"}},
}


def add_links(operations: dict[str, dict[str, Any]]) -> None:
    """Give the answers of operations, by their ids, the links that lead on from them."""
    for name, targets in _LINKS.items():
        answers = operations[name]["responses"]
        for answer in (answers[status] for status in answers if status.startswith("2")):
            answer["links"] = {
                target: {
                    "operationId": target,
                    "description": operations[target]["summary"],
                    "parameters": dict(parameters),
                }
                for target, parameters in targets.items()
            }
