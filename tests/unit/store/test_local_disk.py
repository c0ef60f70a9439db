from __future__ import annotations

import pytest

from tui_flow.store.local_disk import file_system_type

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:26 / /home rw,relatime shared:1 - nfs4 server:/home rw
31 30 0:27 / /home/me/my\\040disk rw - xfs /dev/sdb rw
nonsense
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/me/.tuiflow", "nfs4"),
        ("/homely", "ext4"),
        ("/home", "nfs4"),
        ("/home/me/my disk/home", "xfs"),
    ],
)
def test_the_innermost_mount_decides(path: str, kind: str) -> None:
    assert file_system_type(path, MOUNTS) == kind
