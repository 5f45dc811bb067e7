"""
Puts rules before a configuration of DnsFlow that block what nobody asks for: 1,000 rules with 3 names each, and, with a file, one rule with
the list in it.
usage: rules.py CONFIGURATION [LIST]
"""
import json
import re
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    settings = json.loads(re.sub(r"\s//.*", "", file.read()))
rules = [{"Name": f"r{i}", "When": {"Domains": [f"{kind}{i}.ruled.net" for kind in ("=a", "b", "*.c")]}, "Action": "block"} for i in range(1000)]
if len(sys.argv) > 2:
    settings["DnsFlow"]["Lists"] = {"million": {"Sources": [sys.argv[2]]}}
    rules.append({"Name": "listed", "When": {"Lists": ["million"]}, "Action": "block"})
settings["DnsFlow"]["QueryRules"] = rules + [{"Name": "rest", "Action": "forward", "To": "default"}]
json.dump(settings, sys.stdout)
