"""The history's safety: nobody changes what was written, and who does so behind the database's back is found out."""
