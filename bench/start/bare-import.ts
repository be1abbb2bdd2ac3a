/** The least that a program for AWS with the project's two providers loads; starts are measured against it. */
import "@pulumi/aws";
import "@pulumi/awsx";
