"""What RQ runs to merge the small parts of a data set, to which records were added little by little."""

from __future__ import annotations

from candor.store.storage import DamagedFileError
from candor.telemetry.logs import logger
from worker.context import CURRENT

log = logger(__name__)


def merge_parts(owner: str, dataset_id: str) -> None:
    """Merge the small parts of a data set. Raises RedisError: it then goes back."""
    try:
        merged = CURRENT.get().store.datasets.merge_parts(owner, dataset_id)
    except (LookupError, DamagedFileError, OSError) as error:
        log.warning("the parts of a data set are not merged", why=str(error))
    else:
        log.info("parts of a data set merged" if merged else "the data set was replaced while its parts were merged")
