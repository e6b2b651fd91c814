"""What attackers do, and what must hold whatever they do: tables of attacks, each in the words of a submission."""
