"""What stands in a database of the LMDB backend."""

from hat.event.backends.lmdb import common


def dump(path):
    """All entries of all nine named databases, as hexadecimal digits: `[[NAME, [[KEY, VALUE], ...]], ...]`.

    The value is what the file has. Only that of REF, a set that the reference writes in any order, is a sorted list of the
    references in it.
    """
    with common.ext_create_env(path, readonly=True) as env:
        dbs = [(db_type, common.ext_open_db(env, db_type, False)) for db_type in common.DbType]
        with env.begin() as txn:
            return [[db_type.name, [[key.hex(), _value(db_type, value)] for key, value in txn.cursor(db)]]
                    for db_type, db in dbs]


def _value(db_type, value):
    # Also shows that the reference can read it.
    decoded = common.db_defs[db_type].decode_value(value)
    if db_type != common.DbType.REF:
        return value.hex()
    refs = [common._encode_event_ref(ref).hex() for ref in decoded]
    if len(''.join(refs)) != 2 * len(value):
        raise Exception('a reference twice')
    return sorted(refs)
