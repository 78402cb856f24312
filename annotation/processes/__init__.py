"""What runs and ties the site's processes: knows neither Django nor the queue's client, so anything may import it."""
