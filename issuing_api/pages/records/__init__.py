"""Pages of exports of licences."""
