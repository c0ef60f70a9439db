"""The dashboard: what `tuiflow` without arguments opens.

`app` is the program, `pages` what fills the screen, `sheets` what rises from the bottom to ask before something is
done. Nothing here holds a rule or SQL: pages read through `store.reader`, and everything that changes something goes
through the `Deeds` that the command line hands in. Text that was made elsewhere passes `logs.safe` on its way to a
screen, is never taken for markup, and the app's last filter stops whatever slipped through.
"""
