"""GitHub's REST and GraphQL API as a source of repositories: requests, credentials, quotas, and what answers mean."""
