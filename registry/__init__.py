"""Licences and their life cycle in SQL: granting, states, documents, answers, audit."""
