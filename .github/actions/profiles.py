"""Create an AWS profile `tapgen-<environment>` for each environment, with its reviewing role.

    python .github/actions/profiles.py MATRIX [STAGE]

MATRIX is `all` in the output of `tapgen env list --format matrix`. With STAGE, only environments up
to that stage are used. Prints their names on one line. The job needs `id-token: write`.
"""

import json
import os
import sys
from pathlib import Path
from urllib.request import Request, urlopen

PROFILE = """\
[profile tapgen-{environment}]
role_arn = arn:aws:iam::{account_id}:role/tapgen-{prefix}-review
role_session_name = tapgen
web_identity_token_file = {token}
region = {region}

"""


def main(matrix: str, stage: str = "") -> None:
    environments = json.loads(matrix)["include"]
    if stage:
        environments = [one for one in environments if one["stage"] <= int(stage)]
    # The token of this job, for its repository and branch. It is valid for a few minutes. Each
    # profile is used for the first time within that time, and is then valid for an hour.
    token = Path(os.environ["RUNNER_TEMP"], "aws-token")
    token.touch(mode=0o600)
    token.write_text(identity_token())
    config = Path.home() / ".aws" / "config"
    config.parent.mkdir(exist_ok=True)
    with config.open("a") as file:
        file.writelines(PROFILE.format(**one, token=token) for one in environments)
    print(*(one["environment"] for one in environments))


def identity_token() -> str:
    url = f"{os.environ['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=sts.amazonaws.com"
    bearer = {"Authorization": f"bearer {os.environ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    with urlopen(Request(url, headers=bearer), timeout=60) as answer:
        return json.load(answer)["value"]


if __name__ == "__main__":
    main(*sys.argv[1:])
