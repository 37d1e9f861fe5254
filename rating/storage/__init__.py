"""How rows are reached: engines, constant statements, and the queue of an SQLite file's writers."""
