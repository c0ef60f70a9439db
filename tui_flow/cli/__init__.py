"""The command line: parses words, reads the database through `store.reader`, acts through `actions`.

No rules, no SQL, no user code. `main` is the entry, `verbs` the table of commands; `commands/` holds one module per
verb, imported when it is asked for.
"""
