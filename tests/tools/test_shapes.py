"""Tables, manifests and lists of files say the same in less room."""

from __future__ import annotations

from bot.tools.shortening import manifests, tables, trees
from bot.tools.shortening.clues import Clues, Remark, read
from bot.tools.shortening.folding import Marks
from tests.tools.test_source import listing

PODS = """Namespace shop: 3 pods
NAMESPACE   KIND   NAME      READY   STATUS             NOMINATED NODE   LABELS
prod        Pod    web-1     1/1     Running            <none>           app=web
prod        Pod    web-2     0/1     CrashLoopBackOff   <none>           app=web
prod        Pod    cart-7    1/1     Running            <none>           app=cart"""
POD = """apiVersion: v1
kind: Pod
metadata:
  labels:
    app: payments
  managedFields:
  - apiVersion: v1
    manager: kubelet
  name: payments-1
  uid: 7a61f680-ed0b
spec:
  containers:
  - image: payments:1.4.2
    imageID: ""
    name: app
  priority: 0
status:
  conditions:
  - lastProbeTime: null
    status: "False"
    type: Ready
  - lastProbeTime: null
    status: "True"
    type: Initialized"""


def test_columns_that_all_rows_share_are_said_once() -> None:
    """As kubectl prints them: wide, and half of it the same."""
    assert (tables.shortened(PODS.splitlines()) or "").splitlines() == [
        "Namespace shop: 3 pods",
        "in every row: NAMESPACE = prod, KIND = Pod, NOMINATED NODE = <none>",
        "NAME  READY  STATUS  LABELS",
        "web-1  1/1  Running  app=web",
        "web-2  0/1  CrashLoopBackOff  app=web",
        "cart-7  1/1  Running  app=cart",
    ]


def test_padding_of_other_tables_goes_and_indentation_stays() -> None:
    """Columns need two spaces; source code keeps its shape, listed with numbers or not."""
    table = "Name          ready     status\ncart-abc      1/1       Running"
    code = "def f():\n        return 1"

    assert tables.shortened(table.splitlines()) == "Name  ready  status\ncart-abc  1/1  Running"
    assert tables.shortened(code.splitlines()) is None
    assert tables.shortened(listing("class A:\n" + "        x = 1\n" * 20).splitlines()) is None


def test_a_manifest_loses_bookkeeping_and_keeps_its_shape() -> None:
    """Items stay apart although the field that began them is gone."""
    assert (manifests.shortened(POD.splitlines()) or "").splitlines() == [
        "apiVersion: v1",
        "kind: Pod",
        "metadata:",
        "  labels:",
        "    app: payments",
        "  name: payments-1",
        "spec:",
        "  containers:",
        "  - image: payments:1.4.2",
        "    name: app",
        "status:",
        "  conditions:",
        "  -",
        '    status: "False"',
        "    type: Ready",
        "  -",
        '    status: "True"',
        "    type: Initialized",
    ]


def test_folders_in_which_nothing_is_named_are_folded() -> None:
    """Only in a long list, and only when something is named at all."""
    files = [f"src/{service}/{service}{number}.go  12 B" for service in ("ads", "cart", "pay") for number in range(20)]  # fmt: skip
    lines = ["acme/shop at main: 61 files", "README.md  1 B", *files]
    clues = read([Remark("panic in /src/cart/cart7.go:12", "tool")])

    short = (trees.shortened(lines, clues, Marks("c2")) or "").splitlines()

    assert short[:2] == lines[:2]
    assert short[2].startswith("[… lines 3-22: src/ads/; left out")
    assert short[3:23] == lines[22:42]
    assert short[23] == "[… 43-62: src/pay/]"
    assert trees.shortened(lines, Clues(), Marks("c2")) is None
    assert trees.shortened(lines[:20], clues, Marks("c2")) is None
