"""One module per verb, each with an `app`; named in `cli.verbs` and imported only when its verb is asked for."""
