"""The rules of a reset; knows neither Slack's API, nor SQL, nor HTTP."""
