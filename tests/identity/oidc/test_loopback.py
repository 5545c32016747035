"""The command line's listener: one answer, the expected one."""

import httpx2
import pytest

from identity.oidc.errors import SignInFailedError
from identity.oidc.loopback import LoopbackReceiver


def test_the_expected_answer_alone_is_taken() -> None:
    with LoopbackReceiver() as receiver, httpx2.Client(trust_env=False) as client:
        address = receiver.redirect_uri
        assert client.get(f"{address}?state=s&code=early").status_code == 404
        receiver.expect("s")
        assert client.get(f"{address}?state=other&code=x").status_code == 404
        assert client.get(f"{address}/more?state=s&code=x").status_code == 404
        assert client.get(f"{address}?state=s&code=" + "x" * 9000).status_code == 404
        assert client.post(f"{address}?state=s&code=x").status_code == 501
        with pytest.raises(SignInFailedError):
            receiver.wait(0.01)
        answer = client.get(f"{address}?state=s&code=c&iss=i")
        assert answer.headers["cache-control"] == "no-store"
        assert "关闭此页" in answer.text
        client.get(f"{address}?state=s&code=second")
        assert receiver.wait(5) == {"state": "s", "code": "c", "iss": "i"}
    with pytest.raises(httpx2.ConnectError), httpx2.Client(trust_env=False) as client:
        client.get(address)
