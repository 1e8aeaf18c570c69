"""The systemd unit of a node: what it may touch is its data directory and the network, and nothing else."""

from __future__ import annotations

from pathlib import Path

from kouprey.kernel.words.errors import Damaged

UNIT = """\
# Written by `kouprey service print`; install it as /etc/systemd/system/kouprey.service.
[Unit]
Description=Kouprey, a node for exchanging cyber-threat intelligence
Wants=network-online.target
After=network-online.target postgresql.service

[Service]
Type=exec
User={user}
Group={user}
Environment=KOUPREY_LOG_LEVEL=info
Environment=KOUPREY_LOG_FORM=json
ExecStart={program} serve --data {data}
Restart=on-failure
RestartSec=5
# The node says that it cannot start as it is, and trying again changes nothing.
RestartPreventExitStatus=4 6 7
KillSignal=SIGTERM
TimeoutStopSec=60
LimitNOFILE=16384
UMask=0077

ReadWritePaths={data}
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
NoNewPrivileges=yes
CapabilityBoundingSet={capabilities}
AmbientCapabilities={capabilities}
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def render_unit(program: Path, data: Path, user: str, *, port: int) -> str:
    """The unit that runs `program` for the node in `data`; only a port below 1024 needs a capability."""
    for path in (program, data):
        if any(letter.isspace() or letter in "%\"'\\$" for letter in str(path)):
            raise Damaged(f"{path} cannot stand in a unit.", "It holds blanks, quotes, `%` or `$`.", code="bad-path")
    capabilities = "CAP_NET_BIND_SERVICE" if port < 1024 else ""
    under_home = any(path.is_relative_to(home) for path in (program, data) for home in ("/home", "/root"))
    return UNIT.format(
        program=program,
        data=data,
        user=user,
        capabilities=capabilities,
        home="read-only" if under_home else "yes",
    )
