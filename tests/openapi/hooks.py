"""What schemathesis has to know beyond the documents: values for the rules that a schema cannot express."""

import datetime
import itertools
import os
import re

import schemathesis
from hypothesis import strategies as st

# "In the future", and for long enough that the host outlives the run.
FUTURE = st.datetimes(
    min_value=datetime.datetime(2040, 1, 1),
    max_value=datetime.datetime(2999, 1, 1),
    timezones=st.integers(-14 * 60, 14 * 60).map(
        lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes))
    ),
).map(lambda moment: moment.isoformat())

ORIGIN = st.from_regex(
    r"\A(https?|HTTPS?)://([a-z][a-z0-9]{0,20}\.){0,3}[A-Za-z][a-z0-9]{0,20}(:[1-9][0-9]{0,3})?/?\Z"
)

schemathesis.openapi.format("date-time", FUTURE)
ISSUER_URL = st.from_regex(
    r"\Ahttps?://([a-z][a-z0-9]{0,20}\.){0,3}[a-z][a-z0-9]{0,20}(:[1-9][0-9]{0,3})?(/[a-z0-9]{0,9})*(\?[a-z]=[a-z])?\Z"
)

schemathesis.openapi.format("http-origin", ORIGIN)
schemathesis.openapi.format("issuer-url", ISSUER_URL)


def is_past(moment):
    try:
        return datetime.datetime.fromisoformat(moment) < datetime.datetime.now(datetime.timezone.utc)
    except (TypeError, ValueError):
        return False


@schemathesis.hook
def filter_case(context, case):
    """Timestamps of answers come back in requests as if any of them would do."""
    return not (isinstance(case.body, dict) and is_past(case.body.get("expires_at")))


KEY = re.compile(r"\A[A-Za-z0-9_\-:.]{1,255}\Z")
UNIQUE = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key stands for one request, and no schema can say that the next one has to take another."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and KEY.match(key):
        number = f"{next(UNIQUE):x}"
        case.headers["Idempotency-Key"] = key[: 255 - len(number)] + number


@schemathesis.hook
def after_call(context, case, response):
    with open(os.environ["REQUEST_COUNT"], "a", encoding="ascii") as count:
        count.write(".")
