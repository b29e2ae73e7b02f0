"""Validates rendered manifests against the schemas of Kubernetes, and writes them as JSON.

validate.py VERSION,… FILE.yaml …

Each FILE.yaml is written to FILE.json as a list of its objects. Objects whose kind has no schema are custom resources and are
listed on the output. Exits with 1 if an object does not match its schema.
"""
import functools
import json
import pathlib
import sys

import yaml
from kubernetes_validate import utils

# Each validation would read the 3 MB of definitions again.
utils.schema_contents = functools.lru_cache(maxsize=None)(utils.schema_contents)


class UniqueKeys(yaml.SafeLoader):
    """Rejects an object that has a key twice, of which Kubernetes keeps one."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        repeated = {key for key in keys if keys.count(key) > 1}
        if repeated:
            raise yaml.constructor.ConstructorError(None, None, f"repeated keys {repeated}", node.start_mark)
        return super().construct_mapping(node, deep)


def main(versions, files):
    valid = True
    for file in map(pathlib.Path, files):
        objects = [it for it in yaml.load_all(file.read_text(), Loader=UniqueKeys) if it]
        file.with_suffix(".json").write_text(json.dumps(objects))
        for version in versions.split(","):
            for item in objects:
                name = f"{file.name}: {item['kind']} {item['metadata']['name']}, Kubernetes {version}"
                try:
                    checked = utils.validate(item, version, strict=True)
                    # An unknown version is checked against an older one.
                    if checked != version:
                        raise SystemExit(f"no schemas of Kubernetes {version}")
                except utils.SchemaNotFoundError:
                    print(f"no schema: {item['kind']}")
                except utils.ValidationError as e:
                    valid = False
                    print(f"{name}: {'.'.join(map(str, e.path))}: {e.message}")
    return valid


sys.exit(not main(sys.argv[1], sys.argv[2:]))
