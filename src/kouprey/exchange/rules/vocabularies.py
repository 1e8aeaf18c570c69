"""The vocabularies and enumerations of STIX 2.1, section 10, and the lists of others it points at."""

from __future__ import annotations

from kouprey.exchange.rules.shapes import words

ACCOUNT_TYPE = words("unix windows-local windows-domain ldap tacacs radius nis openid facebook skype twitter kavi")
ATTACK_MOTIVATION = words(
    """
    accidental coercion dominance ideology notoriety organizational-gain personal-gain personal-satisfaction revenge
    unpredictable
    """
)
ATTACK_RESOURCE_LEVEL = words("individual club contest team organization government")
GROUPING_CONTEXT = words("suspicious-activity malware-analysis unspecified")
HASH_ALGORITHM = words("MD5 SHA-1 SHA-256 SHA-512 SHA3-256 SHA3-512 SSDEEP TLSH")
IDENTITY_CLASS = words("individual group system organization class unknown")
IMPLEMENTATION_LANGUAGE = words(
    """
    applescript bash c c++ c# go java javascript lua objective-c perl php powershell python ruby scala swift
    typescript visual-basic x86-32 x86-64
    """
)
INDICATOR_TYPE = words("anomalous-activity anonymization benign compromised malicious-activity attribution unknown")
INDUSTRY_SECTOR = words(
    """
    agriculture aerospace automotive chemical commercial communications construction defense education energy
    entertainment financial-services government emergency-services government-local government-national
    government-public-services government-regional healthcare hospitality-leisure infrastructure dams nuclear water
    insurance manufacturing mining non-profit pharmaceuticals retail technology telecommunications transportation
    utilities
    """
)
INFRASTRUCTURE_TYPE = words(
    """
    amplification anonymization botnet command-and-control control-system exfiltration firewall hosting-malware
    hosting-target-lists phishing reconnaissance routers-switches staging workstation unknown
    """
)
MALWARE_CAPABILITIES = words(
    """
    accesses-remote-machines anti-debugging anti-disassembly anti-emulation anti-memory-forensics anti-sandbox
    anti-vm captures-input-peripherals captures-output-peripherals captures-system-state-data
    cleans-traces-of-infection commits-fraud communicates-with-c2 compromises-data-availability
    compromises-data-integrity compromises-system-availability controls-local-machine degrades-security-software
    degrades-system-updates determines-c2-server emails-spam escalates-privileges evades-av exfiltrates-data
    fingerprints-host hides-artifacts hides-executing-code infects-files infects-remote-machines
    installs-other-components persists-after-system-reboot prevents-artifact-access prevents-artifact-deletion
    probes-network-environment self-modifies steals-authentication-credentials violates-system-operational-integrity
    """
)
MALWARE_RESULT = words("malicious suspicious benign unknown")
MALWARE_TYPE = words(
    """
    adware backdoor bot bootkit ddos downloader dropper exploit-kit keylogger ransomware remote-access-trojan
    resource-exploitation rogue-security-software rootkit screen-capture spyware trojan unknown virus webshell wiper
    worm
    """
)
PATTERN_TYPE = words("stix pcre sigma snort suricata yara")
PROCESSOR_ARCHITECTURE = words("alpha arm ia-64 mips powerpc sparc x86 x86-64")
REGION = words(
    """
    africa eastern-africa middle-africa northern-africa southern-africa western-africa americas
    latin-america-caribbean south-america caribbean central-america northern-america asia central-asia eastern-asia
    southern-asia south-eastern-asia western-asia europe eastern-europe northern-europe southern-europe
    western-europe oceania australia-new-zealand melanesia micronesia polynesia antarctica
    """
)
REPORT_TYPE = words(
    """
    threat-report attack-pattern campaign identity indicator intrusion-set malware observed-data threat-actor tool
    vulnerability
    """
)
THREAT_ACTOR_ROLE = words(
    """
    agent director independent infrastructure-architect infrastructure-operator malware-author sponsor
    """
)
THREAT_ACTOR_SOPHISTICATION = words("none minimal intermediate advanced expert innovator strategic")
THREAT_ACTOR_TYPE = words(
    """
    activist competitor crime-syndicate criminal hacker insider-accidental insider-disgruntled nation-state
    sensationalist spy terrorist unknown
    """
)
TOOL_TYPE = words(
    """
    denial-of-service exploitation information-gathering network-capture credential-exploitation remote-access
    vulnerability-scanning unknown
    """
)
WINDOWS_PEBINARY_TYPE = words("exe dll sys")

# Closed enumerations: no other value is allowed.
ENCRYPTION_ALGORITHM = words("AES-256-GCM ChaCha20-Poly1305 mime-type-indicated")
EXTENSION_TYPE = words("new-sdo new-sco new-sro property-extension toplevel-property-extension")
NETWORK_SOCKET_ADDRESS_FAMILY = words("AF_UNSPEC AF_INET AF_IPX AF_APPLETALK AF_NETBIOS AF_INET6 AF_IRDA AF_BTH")
NETWORK_SOCKET_TYPE = words("SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET")
OPINION = words("strongly-disagree disagree neutral agree strongly-agree")
WINDOWS_INTEGRITY_LEVEL = words("low medium high system")
WINDOWS_REGISTRY_DATATYPE = words(
    """
    REG_NONE REG_SZ REG_EXPAND_SZ REG_BINARY REG_DWORD REG_DWORD_BIG_ENDIAN REG_DWORD_LITTLE_ENDIAN REG_LINK
    REG_MULTI_SZ REG_RESOURCE_LIST REG_FULL_RESOURCE_DESCRIPTION REG_RESOURCE_REQUIREMENTS_LIST REG_QWORD
    REG_INVALID_TYPE
    """
)
WINDOWS_SERVICE_START_TYPE = words(
    """
    SERVICE_AUTO_START SERVICE_BOOT_START SERVICE_DEMAND_START SERVICE_DISABLED SERVICE_SYSTEM_ALERT
    """
)
WINDOWS_SERVICE_TYPE = words(
    """
    SERVICE_KERNEL_DRIVER SERVICE_FILE_SYSTEM_DRIVER SERVICE_WIN32_OWN_PROCESS SERVICE_WIN32_SHARE_PROCESS
    """
)
WINDOWS_SERVICE_STATUS = words(
    """
    SERVICE_CONTINUE_PENDING SERVICE_PAUSE_PENDING SERVICE_PAUSED SERVICE_RUNNING SERVICE_START_PENDING
    SERVICE_STOP_PENDING SERVICE_STOPPED
    """
)

# Lists kept by others.
CHARACTER_SETS = words(
    """
    US-ASCII ISO-8859-1 ISO-8859-2 ISO-8859-3 ISO-8859-4 ISO-8859-5 ISO-8859-6 ISO-8859-7 ISO-8859-8 ISO-8859-9
    ISO-8859-10 ISO_6937-2-add JIS_X0201 JIS_Encoding Shift_JIS EUC-JP Extended_UNIX_Code_Fixed_Width_for_Japanese
    BS_4730 SEN_850200_C IT ES DIN_66003 NS_4551-1 NF_Z_62-010 ISO-10646-UTF-1 ISO_646.basic:1983 INVARIANT
    ISO_646.irv:1983 NATS-SEFI NATS-SEFI-ADD NATS-DANO NATS-DANO-ADD SEN_850200_B KS_C_5601-1987 ISO-2022-KR EUC-KR
    ISO-2022-JP ISO-2022-JP-2 JIS_C6220-1969-jp JIS_C6220-1969-ro PT greek7-old latin-greek NF_Z_62-010_(1973)
    Latin-greek-1 ISO_5427 JIS_C6226-1978 BS_viewdata INIS INIS-8 INIS-cyrillic ISO_5427:1981 ISO_5428:1980
    GB_1988-80 GB_2312-80 NS_4551-2 videotex-suppl PT2 ES2 MSZ_7795.3 JIS_C6226-1983 greek7 ASMO_449 iso-ir-90
    JIS_C6229-1984-a JIS_C6229-1984-b JIS_C6229-1984-b-add JIS_C6229-1984-hand JIS_C6229-1984-hand-add
    JIS_C6229-1984-kana ISO_2033-1983 ANSI_X3.110-1983 T.61-7bit T.61-8bit ECMA-cyrillic CSA_Z243.4-1985-1
    CSA_Z243.4-1985-2 CSA_Z243.4-1985-gr ISO-8859-6-E ISO-8859-6-I T.101-G2 ISO-8859-8-E ISO-8859-8-I CSN_369103
    JUS_I.B1.002 IEC_P27-1 JUS_I.B1.003-serb JUS_I.B1.003-mac greek-ccitt NC_NC00-10:81 ISO_6937-2-25 GOST_19768-74
    ISO_8859-supp ISO_10367-box latin-lap JIS_X0212-1990 DS_2089 us-dk dk-us KSC5636 UNICODE-1-1-UTF-7 ISO-2022-CN
    ISO-2022-CN-EXT UTF-8 ISO-8859-13 ISO-8859-14 ISO-8859-15 ISO-8859-16 GBK GB18030 OSD_EBCDIC_DF04_15
    OSD_EBCDIC_DF03_IRV OSD_EBCDIC_DF04_1 ISO-11548-1 KZ-1048 ISO-10646-UCS-2 ISO-10646-UCS-4 ISO-10646-UCS-Basic
    ISO-10646-Unicode-Latin1 ISO-10646-J-1 ISO-Unicode-IBM-1261 ISO-Unicode-IBM-1268 ISO-Unicode-IBM-1276
    ISO-Unicode-IBM-1264 ISO-Unicode-IBM-1265 UNICODE-1-1 SCSU UTF-7 UTF-16BE UTF-16LE UTF-16 CESU-8 UTF-32 UTF-32BE
    UTF-32LE BOCU-1 UTF-7-IMAP ISO-8859-1-Windows-3.0-Latin-1 ISO-8859-1-Windows-3.1-Latin-1
    ISO-8859-2-Windows-Latin-2 ISO-8859-9-Windows-Latin-5 hp-roman8 Adobe-Standard-Encoding Ventura-US
    Ventura-International DEC-MCS IBM850 PC8-Danish-Norwegian IBM862 PC8-Turkish IBM-Symbols IBM-Thai HP-Legal
    HP-Pi-font HP-Math8 Adobe-Symbol-Encoding HP-DeskTop Ventura-Math Microsoft-Publishing Windows-31J GB2312 Big5
    macintosh IBM037 IBM038 IBM273 IBM274 IBM275 IBM277 IBM278 IBM280 IBM281 IBM284 IBM285 IBM290 IBM297 IBM420
    IBM423 IBM424 IBM437 IBM500 IBM851 IBM852 IBM855 IBM857 IBM860 IBM861 IBM863 IBM864 IBM865 IBM868 IBM869 IBM870
    IBM871 IBM880 IBM891 IBM903 IBM904 IBM905 IBM918 IBM1026 EBCDIC-AT-DE EBCDIC-AT-DE-A EBCDIC-CA-FR EBCDIC-DK-NO
    EBCDIC-DK-NO-A EBCDIC-FI-SE EBCDIC-FI-SE-A EBCDIC-FR EBCDIC-IT EBCDIC-PT EBCDIC-ES EBCDIC-ES-A EBCDIC-ES-S
    EBCDIC-UK EBCDIC-US UNKNOWN-8BIT MNEMONIC MNEM VISCII VIQR KOI8-R HZ-GB-2312 IBM866 IBM775 KOI8-U IBM00858
    IBM00924 IBM01140 IBM01141 IBM01142 IBM01143 IBM01144 IBM01145 IBM01146 IBM01147 IBM01148 IBM01149 Big5-HKSCS
    IBM1047 PTCP154 Amiga-1251 KOI7-switched BRF TSCII CP51932 windows-874 windows-1250 windows-1251 windows-1252
    windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 TIS-620 CP50220
    """
)
"""Preferred names of the IANA character set registry; STIX 2.1, 6.3 and 6.7."""
LANGUAGES = words(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu
    ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na
    nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so
    sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    """
)
"""ISO 639-1: the two-letter languages an RFC 5646 tag may begin with."""

# STIX 2.0, where labels said what types say now.
INDICATOR_LABEL = words("anomalous-activity anonymization benign compromised malicious-activity attribution")
MALWARE_LABEL = words(
    """
    adware backdoor bot ddos dropper exploit-kit keylogger ransomware remote-access-trojan resource-exploitation
    rogue-security-software rootkit screen-capture spyware trojan virus worm
    """
)
REPORT_LABEL = words(
    """
    threat-report attack-pattern campaign identity indicator malware observed-data threat-actor tool vulnerability
    """
)
THREAT_ACTOR_LABEL = words(
    """
    activist competitor crime-syndicate criminal hacker insider-accidental insider-disgruntled nation-state
    sensationalist spy terrorist
    """
)
TOOL_LABEL = words(
    """
    denial-of-service exploitation information-gathering network-capture credential-exploitation remote-access
    vulnerability-scanning
    """
)
NETWORK_SOCKET_PROTOCOL_FAMILY = words(
    """
    PF_INET PF_AX25 PF_IPX PF_INET6 PF_APPLETALK PF_NETROM PF_BRIDGE PF_ATMPVC PF_X25 PF_ROSE PF_DECNET PF_NETBEUI
    PF_SECURITY PF_KEY PF_NETLINK PF_ROUTE PF_PACKET PF_ASH PF_ECONET PF_ATMSVC PF_SNA PF_IRDA PF_PPPOX PF_WANPIPE
    PF_BLUETOOTH
    """
)
