"""Where prices come from: each module fetches from one kind of source; none of them stores."""
